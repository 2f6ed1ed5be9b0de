import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readRun } from "../gates/evidence/index.ts";
import { Interrupted, UsageError } from "../gates/exit.ts";
import { startMonolith } from "../targets/monolith/start.ts";
import { emptyRun, listening } from "./fixture.ts";
import { type LoadOptions, runLoad } from "./run.ts";

/** Each of them starts Artillery, which alone takes seconds of a core. */
vi.setConfig({ testTimeout: 60_000 });

const options = (url: string, runDir: string): LoadOptions => ({
  targets: [{ name: "server", url, headers: { "x-secret": "hush-hush" } }],
  scenario: "journey",
  phases: [{ name: "steady", rate: 4, seconds: 1 }],
  requests: 0,
  timeoutMs: 10_000,
  runDir,
  seed: 1,
  secrets: ["hush-hush"],
  specs: ["openapi/*.yaml"],
  signal: new AbortController().signal,
});

test.concurrent("the journey succeeds on a real system, through Artillery", async ({ onTestFinished }) => {
  const monolith = await startMonolith({ port: 0 });
  onTestFinished(() => monolith.close());
  const run = emptyRun(onTestFinished);
  const result = await runLoad(options(monolith.url, run.dir));
  run.end();
  const { requests, generator, corrupt } = readRun(run.dir);
  expect(requests.filter((one) => one.outcome !== "ok")).toEqual([]);
  expect(corrupt).toEqual([]);
  expect(requests.length).toBeGreaterThanOrEqual(52);
  expect(result).toEqual([{ target: "server", planned: requests.length, finished: requests.length }]);
  expect(generator.reduce((sum, one) => sum + one.sent, 0)).toBe(requests.length);
});

test.concurrent("interrupted, it keeps what it saw and says so", async ({ onTestFinished }) => {
  const stop = new AbortController();
  const url = await listening((request, response) => {
    expect(request.headers["x-secret"]).toBe("hush-hush");
    response.writeHead(500, { "content-type": "application/json" }).end('{"message":"no"}');
  }, onTestFinished);
  const run = emptyRun(onTestFinished);
  const phases = [{ name: "steady", rate: 20, seconds: 60 }];
  const load = runLoad({
    ...options(url, run.dir),
    phases,
    signal: stop.signal,
    onProgress: ({ sent }) => sent > 10 && stop.abort(),
  });
  await expect(load).rejects.toThrow(Interrupted);
  run.end();
  const { requests } = readRun(run.dir);
  expect(requests.length).toBeGreaterThan(10);
  expect(new Set(requests.map((one) => one.outcome))).toEqual(new Set(["unexpected-status"]));
});

test.concurrent("when its owner is killed, Artillery dies too and leaves what it saw", async ({
  onTestFinished,
}) => {
  let asked = 0;
  const url = await listening((_, response) => {
    asked += 1;
    response.writeHead(500, { "content-type": "application/json" }).end('{"message":"no"}');
  }, onTestFinished);
  const run = emptyRun(onTestFinished);
  const { signal: _, ...given } = options(url, run.dir);
  const long = { ...given, phases: [{ name: "steady", rate: 20, seconds: 60 }] };
  const script = `
    import { runLoad } from ${JSON.stringify(join(import.meta.dirname, "run.ts"))};
    await runLoad({ ...${JSON.stringify(long)}, signal: new AbortController().signal });
  `;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  onTestFinished(() => void owner.kill("SIGKILL"));
  await vi.waitFor(() => expect(asked).toBeGreaterThan(10), { timeout: 50_000 });
  const [artillery] = execFileSync("pgrep", ["-P", String(owner.pid)], { encoding: "utf8" })
    .split("\n")
    .map(Number);
  owner.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(artillery ?? 0)).toBe(false), { timeout: 5_000 });
  run.end();
  expect(readRun(run.dir).requests.length).toBeGreaterThan(10);
});

test("what cannot be run is refused before anything is sent", async ({ expect, onTestFinished }) => {
  let asked = 0;
  const url = await listening((_, response) => {
    asked += 1;
    response.end();
  }, onTestFinished);
  const run = emptyRun(onTestFinished);
  const given = options(url, run.dir);
  await expect(runLoad({ ...given, scenario: "nothing" })).rejects.toThrow(UsageError);
  await expect(runLoad({ ...given, specs: ["openapi/accounts.yaml"] })).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining("createPlan"),
  });
  expect(asked).toBe(0);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
