import { execFileSync, spawn } from "node:child_process";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readRun } from "../gates/evidence/index.ts";
import { EXIT, Interrupted, UsageError } from "../gates/exit.ts";
import { startMonolith } from "../targets/monolith/start.ts";
import { emptyRun, listening, temporaryFolder } from "./fixture.ts";
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

test.runIf(existsSync("/dev/full"))(
  "a disk that is full when the engine's timer writes ends it with exit 74, and what was written is kept",
  async ({ onTestFinished }) => {
    const url = await listening((_, response) => {
      response.writeHead(500, { "content-type": "application/json" }).end('{"message":"no"}');
    }, onTestFinished);
    const run = emptyRun(onTestFinished);
    const full = join(run.dir, "generator.ndjson");
    symlinkSync("/dev/full", full);
    const phases = [{ name: "steady", rate: 20, seconds: 60 }];
    await expect(runLoad({ ...options(url, run.dir), phases })).rejects.toMatchObject({
      exitCode: EXIT.evidence,
      message: expect.stringContaining("no space left"),
    });
    rmSync(full);
    run.end();
    expect(readRun(run.dir).requests.length).toBeGreaterThan(10);
  },
);

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

test.concurrent("paired, by two workers: every user comes to both targets, exactly once", async ({
  onTestFinished,
}) => {
  const asked: Record<string, number> = {};
  const server = (name: string): Promise<string> =>
    listening((request, response) => {
      asked[name] = (asked[name] ?? 0) + 1;
      expect(request.url).toBe("/things/7");
      response.writeHead(200, { "content-type": "application/json" }).end('{"n":7}');
    }, onTestFinished);
  const file = join(temporaryFolder(onTestFinished), "things.json");
  writeFileSync(file, JSON.stringify(things));
  const run = emptyRun(onTestFinished);
  const results = await runLoad({
    ...options("", run.dir),
    targets: [
      { name: "old", url: await server("old"), headers: {} },
      { name: "new", url: await server("new"), headers: {} },
    ],
    scenario: "smoke",
    phases: [{ name: "steady", rate: 30, seconds: 1, arrivals: "poisson" }],
    workers: 2,
    specs: [file],
  });
  run.end();
  expect(results).toEqual([
    { target: "old", planned: 30, finished: 30 },
    { target: "new", planned: 30, finished: 30 },
  ]);
  expect(asked).toEqual({ old: 30, new: 30 });
  const { requests, generator } = readRun(run.dir);
  for (const name of ["old", "new"]) {
    const own = requests.filter(({ target }) => target === name);
    expect(own.map(({ user = -1 }) => user).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
    expect(new Set(own.map(({ endpoint, outcome }) => `${endpoint} ${outcome}`))).toEqual(
      new Set(["getThing ok"]),
    );
    expect(new Set(own.map(({ worker }) => worker)).size).toBe(2);
  }
  const due = (name: string): readonly number[] =>
    requests
      .filter(({ target }) => target === name)
      .map(({ dueMs }) => dueMs)
      .sort((a, b) => a - b);
  expect(due("old")).toEqual(due("new"));
  expect(generator.filter(({ calibration }) => calibration !== undefined)).toHaveLength(4);
});

const things = {
  openapi: "3.1.0",
  info: { title: "Things", version: "1" },
  paths: {
    "/things/{n}": {
      get: {
        operationId: "getThing",
        parameters: [{ name: "n", in: "path", required: true, schema: { type: "integer" }, example: 7 }],
        responses: {
          "200": {
            description: "One",
            content: { "application/json": { schema: { type: "object", required: ["n"] } } },
          },
        },
      },
    },
  },
};

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
