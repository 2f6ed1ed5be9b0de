import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { changeSuccess } from "../../proxy/exchange.ts";
import { startProxy } from "../../proxy/proxy.ts";
import { exploreParity, type ParityOptions } from "../explore.ts";
import { fixtures } from "../fixtures/run.ts";
import { httpTo } from "./http.ts";

const shelf = fixtures.find(({ name }) => name === "shelf");
if (shelf === undefined) throw new Error("the fixture is gone");

type CleanUp = (close: () => Promise<void>) => void;

async function options(
  cleanUp: CleanUp,
  candidate?: string,
  more: Partial<ParityOptions> = {},
): Promise<ParityOptions> {
  const [old, fresh] = await Promise.all([shelf?.start(), shelf?.start()]);
  cleanUp(async () => void (await Promise.all([old?.close(), fresh?.close()])));
  const target = (name: string, url = ""): ParityOptions["baseline"] => ({ name, url, disposable: true });
  return {
    model: shelf?.model() as never,
    userFile: shelf?.userFile as never,
    seed: 11,
    sequences: 12,
    baseline: target("old", old?.url),
    candidate: target("new", candidate ?? fresh?.url),
    ...more,
  };
}

test("two equal systems differ in nothing, and one seed sends one traffic", async ({ onTestFinished }) => {
  const seen: string[][] = [[], []];
  for (const run of seen) {
    const { findings, counts, unconfirmed } = await exploreParity(
      await options(onTestFinished, undefined, {
        onSequence: (sequence) =>
          run.push(JSON.stringify([sequence.strategy, sequence.operation, sequence.replies])),
      }),
    );
    expect(findings).toEqual([]);
    expect(unconfirmed).toEqual([]);
    expect(counts).toMatchObject({ sequences: 12, independent: 6, inconclusive: {} });
  }
  expect(seen[0]?.toSorted()).toEqual(seen[1]?.toSorted());
});

test("what was chance once is followed up again, and found when it has come to stay", async ({
  onTestFinished,
}) => {
  const sound = await shelf.start();
  let reads = 0;
  const fickle = await startProxy(sound.url, async (sent, forward) => {
    const received = await forward(sent);
    if (sent.method !== "GET" || !/^\/notes\/\d+$/.test(sent.url) || received.status !== 200) return received;
    reads += 1;
    const lies = reads === 1 || reads > 30;
    return lies ? changeSuccess(received, (body) => ({ ...(body as object), title: "another" })) : received;
  });
  onTestFinished(async () => void (await Promise.all([sound.close(), fickle.close()])));
  const { findings, unconfirmed } = await exploreParity(
    await options(onTestFinished, fickle.url, { sequences: 150, enough: 1 }),
  );
  expect(reads).toBeGreaterThan(30);
  expect(findings).toMatchObject([{ path: "/title", kind: "value" }]);
  expect(unconfirmed).toEqual([]);
});

test("an order that every other account sees is chance, however often it shows", async ({
  onTestFinished,
}) => {
  const sound = await shelf.start();
  const readers: unknown[] = [];
  const fickle = await startProxy(sound.url, async (sent, forward) => {
    const received = await forward(sent);
    if (sent.method !== "GET" || !/^\/folders\/\d+\/notes/.test(sent.url)) return received;
    return changeSuccess(received, (body) => {
      const { items } = body as { items: unknown[] };
      if (items.length < 2) return body;
      const key = sent.headers["x-api-key"];
      if (!readers.includes(key)) readers.push(key);
      return readers.indexOf(key) % 2 === 0 ? { ...(body as object), items: items.toReversed() } : body;
    });
  });
  onTestFinished(async () => void (await Promise.all([sound.close(), fickle.close()])));
  const { findings, unconfirmed } = await exploreParity(
    await options(onTestFinished, fickle.url, {
      sequences: 40,
      operations: ["GET /folders/{folder_id}/notes"],
    }),
  );
  expect(findings).toEqual([]);
  expect(unconfirmed).toMatchObject([
    { kind: "order", path: "/items", why: expect.stringMatching(/^it showed again only \d of 8 times$/) },
  ]);
});

test("a candidate that dies ends the exploration with what it learned", async ({ onTestFinished }) => {
  const sound = await shelf.start();
  let left = 150;
  const dying = await startProxy(sound.url, async (sent, forward) => {
    left -= 1;
    if (left < 0) throw new Error("dead");
    return forward(sent);
  });
  onTestFinished(async () => void (await Promise.all([sound.close(), dying.close()])));
  const result = await exploreParity(
    await options(onTestFinished, dying.url, { sequences: 200, maxMs: 8_000 }),
  );
  expect(result.counts.pairs).toBeGreaterThan(10);
  expect(result.ended).toBe("the targets gave no more answers");
  expect(Object.keys(result.counts.inconclusive).join()).toContain("no account");
});

test("a target that cannot be reached, or is not disposable, is refused before anything is sent", async ({
  onTestFinished,
}) => {
  await expect(exploreParity(await options(onTestFinished, "http://127.0.0.1:9"))).rejects.toThrow(
    "No account can be opened on new",
  );
  const good = await options(onTestFinished);
  await expect(
    exploreParity({ ...good, candidate: { ...good.candidate, disposable: false } }),
  ).rejects.toThrow("not marked as disposable");
  await expect(exploreParity({ ...good, operations: ["nosuch"] })).rejects.toThrow(
    "There is no such operation",
  );
});

async function serve(listener: RequestListener, cleanUp: CleanUp): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("429 with Retry-After is waited for; megabytes and silence are given up", async ({ onTestFinished }) => {
  let asked = 0;
  const url = await serve((request, response) => {
    if (request.url === "/throttled") {
      asked += 1;
      if (asked < 3) response.writeHead(429, { "retry-after": "0" }).end();
      else response.end("ok");
    } else if (request.url === "/big") response.end(Buffer.alloc(9 * 2 ** 20));
  }, onTestFinished);
  const http = httpTo({ url, headers: {}, atOnce: 4, timeoutMs: 500 });
  onTestFinished(() => http.close());
  const get = (path: string) => http.send({ method: "GET", path, headers: {} });
  expect((await get("/throttled")).status).toBe(200);
  expect(asked).toBe(3);
  expect((await get("/big")).failure).toContain("more than 8 MiB");
  expect((await get("/silent")).failure).toBe("no answer in time");
});

test("one request at a time goes to a resource where that is wanted, but for a race", async ({
  onTestFinished,
}) => {
  const flying = new Map<string, number>();
  const most = new Map<string, number>();
  let together = 0;
  const url = await serve((request, response) => {
    const lane = `${request.method} ${request.url}`;
    flying.set(lane, (flying.get(lane) ?? 0) + 1);
    most.set(lane, Math.max(most.get(lane) ?? 0, flying.get(lane) ?? 0));
    together = Math.max(
      together,
      [...flying.values()].reduce((sum, each) => sum + each),
    );
    setTimeout(() => {
      flying.set(lane, (flying.get(lane) ?? 0) - 1);
      response.end("ok");
    }, 20);
  }, onTestFinished);
  const http = httpTo({ url, headers: {}, atOnce: 8, onePerResource: true, timeoutMs: 500 });
  onTestFinished(() => http.close());
  const send = (method: string, path: string, raced?: boolean) =>
    http.send({ method, path, headers: {} }, raced);
  await Promise.all(
    ["GET", "POST"].flatMap((method) => ["/a", "/a", "/b", "/b"].map((path) => send(method, path))),
  );
  expect(together).toBe(4);
  await Promise.all([send("GET", "/race", true), send("GET", "/race", true)]);
  expect(Object.fromEntries(most)).toEqual({
    "GET /a": 1,
    "POST /a": 1,
    "GET /b": 1,
    "POST /b": 1,
    "GET /race": 2,
  });
});

test("a pace is kept", async ({ onTestFinished }) => {
  const url = await serve((_, response) => void response.end("ok"), onTestFinished);
  const http = httpTo({ url, headers: {}, atOnce: 4, timeoutMs: 500, pace: 50 });
  onTestFinished(() => http.close());
  const began = performance.now();
  await Promise.all(Array.from({ length: 11 }, () => http.send({ method: "GET", path: "/", headers: {} })));
  expect(performance.now() - began).toBeGreaterThan(195);
});
