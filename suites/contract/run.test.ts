import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { EXIT } from "../../gates/exit.ts";
import { runContracts } from "./run.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a target that answers nonsense is broken, one that refuses is unreachable", async () => {
  const url = await serve((_, response) => response.end("hello"));
  const gone = await serve((_, response) => response.destroy());
  const targets = [
    { name: "nonsense", url },
    { name: "gone", url: gone },
  ];
  const { results, finished, exitCode } = await runContracts({
    ...{ targets, specs: [], seed: 1, cases: ["C02"], quiet: true },
  });
  expect(finished).toEqual({ nonsense: 1, gone: 1 });
  expect(exitCode).toBe(EXIT.wrong);
  const of = (name: string) => results.find((result) => result.target === name);
  expect(of("nonsense")).toMatchObject({ id: "C02", outcome: "broken", cells: [] });
  expect(of("nonsense")?.findings[0]).toMatchObject({ operation: "createAccount", curl: expect.any(String) });
  expect(of("gone")).toMatchObject({ outcome: "unreachable", reason: expect.stringContaining("/accounts") });
});

test("a target that cannot be reached at all is told apart from a broken one", async () => {
  const targets = [{ name: "gone", url: await serve((_, response) => response.destroy()) }];
  const { exitCode } = await runContracts({ targets, specs: [], seed: 1, cases: ["C02"], quiet: true });
  expect(exitCode).toBe(EXIT.unreachable);
});

test("stopping it ends it", async () => {
  const targets = [{ name: "silent", url: await serve(() => undefined) }];
  const { exitCode } = await runContracts({
    ...{ targets, specs: [], seed: 1, cases: ["C02"], quiet: true, signal: AbortSignal.timeout(3_000) },
  });
  expect(exitCode).toBe(EXIT.interrupted);
});
