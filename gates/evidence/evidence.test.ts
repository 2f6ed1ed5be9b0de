import { execFile } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CutoverError } from "../exit.ts";
import { contractResult, loadRequests, runRecord } from "../fixture.ts";
import { judge } from "../judge.ts";
import {
  createRun,
  joinRun,
  type LoadRequest,
  type NewRun,
  readRun,
  writeReport,
  writeVerdict,
} from "./index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cutover-evidence-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { file } = runRecord();
const start: NewRun = {
  command: file.command,
  git: file.git,
  seed: file.seed,
  profile: file.profile,
  targets: file.targets,
  specs: file.specs,
  tools: file.tools,
  stages: [{ name: "contracts", target: "monolith", planned: 42 }],
};
const request = loadRequests(1)[0] as LoadRequest;
const exitCodeOf = (action: () => unknown): number | undefined => {
  try {
    action();
  } catch (error) {
    return error instanceof CutoverError ? error.exitCode : 70;
  }
  return undefined;
};

describe("a run", () => {
  test("is read as it was written, through `latest`", () => {
    const run = createRun(root, start);
    run.beginStage("contracts", "monolith", 42);
    run.setContractPlan({ cases: [], cells: [], exempt: [] });
    run.append("contracts", contractResult(0, "monolith"));
    run.append("requests", request);
    run.endStage("contracts", "monolith", { finished: 1, status: "failed", why: "the target died" });
    run.updateTarget("serverless", { versionAfter: "s-2" });
    run.end();
    const record = readRun(join(root, "latest"));
    expect(record.file).toEqual(run.file);
    expect(record.file.endedAt).toBeDefined();
    expect(record.file.targets[1]?.versionAfter).toBe("s-2");
    expect(record.file.stages).toMatchObject([
      { name: "contracts", planned: 42, finished: 1, status: "failed", why: "the target died" },
    ]);
    expect(record.contracts).toEqual([contractResult(0, "monolith")]);
    expect(record.requests).toEqual([request]);
    expect(record).toMatchObject({ coldStarts: [], generator: [], corrupt: [], truncated: [] });
  });

  test("a stage begun twice keeps its beginning and takes the later plan", () => {
    let hour = 0;
    const now = (): Date => new Date(Date.UTC(2026, 0, 31, hour++));
    const run = createRun(root, start, { now });
    run.beginStage("load", "serverless", 10);
    const { startedAt } = run.file.stages[1] ?? {};
    run.beginStage("load", "serverless", 12);
    run.endStage("load", "serverless", { finished: 12, status: "done" });
    run.close();
    expect(startedAt).toBeDefined();
    expect(run.file.stages[1]).toMatchObject({ planned: 12, finished: 12, startedAt });
  });

  test("planned stages that never begin stay missing", () => {
    createRun(root, start).close();
    expect(readRun(join(root, "latest")).file.stages[0]?.status).toBe("missing");
  });

  test("any record survives the file", () => {
    const anyRequest = fc.record({
      seq: fc.nat(),
      target: fc.stringMatching(/^[a-z]{1,9}$/),
      endpoint: fc.stringMatching(/^[a-zA-Z\u00e9\u{1f600}]{1,9}$/u),
      phase: fc.stringMatching(/^[a-z\n]{1,9}$/),
      dueMs: fc.double({ min: 0, max: 1e9, noNaN: true }).map((ms) => ms + 0),
      sentMs: fc.integer(),
      doneMs: fc.integer(),
      reply: fc.oneof(
        fc.integer({ min: 100, max: 599 }),
        fc.constantFrom("timeout" as const, "reset" as const),
      ),
      outcome: fc.constantFrom("ok" as const, "timeout" as const),
      bytes: fc.nat(),
    });
    const run = createRun(root, start);
    const written: LoadRequest[] = [];
    fc.assert(
      fc.property(anyRequest, (one) => {
        written.push(one);
        run.append("requests", one);
      }),
      { seed: 20_260_101 },
    );
    run.close();
    expect(readRun(run.dir).requests).toEqual(written);
  });

  test("is written by several processes at once without mixing their lines", async () => {
    const run = createRun(root, start);
    const script = `
      import { joinRun } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      const run = joinRun(process.argv[1]);
      for (let seq = 0; seq < 3000; seq++) run.append("requests", { ...${JSON.stringify(request)}, seq, worker: Number(process.argv[2]) });
    `;
    // No close: what is buffered must go out when the process ends.
    const workers = [0, 1, 2].map((worker) =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, run.dir, String(worker)]),
    );
    await Promise.all(workers);
    run.end();
    const { requests, corrupt, truncated } = readRun(run.dir);
    expect({ corrupt, truncated, n: requests.length }).toEqual({ corrupt: [], truncated: [], n: 9000 });
    expect(new Set(requests.map((one) => `${one.worker}/${one.seq}`)).size).toBe(9000);
  });

  test("records reach the disk within 200 ms", () => {
    vi.useFakeTimers();
    try {
      const run = createRun(root, start);
      run.append("requests", request);
      expect(existsSync(join(run.dir, "requests.ndjson"))).toBe(false);
      vi.advanceTimersByTime(200);
      expect(readRun(run.dir).requests).toHaveLength(1);
      run.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test("holds no secret in any of its files", () => {
    const run = createRun(
      root,
      { ...start, command: "npm start -- --url monolith=http://u:hunter22@h/" },
      { secrets: ["s3cret-header"] },
    );
    const curl = "curl -H 'Authorization: Bearer ck_live123' -H 'X-Env: s3cret-header' http://h/";
    const finding = { operation: "getPlan", got: "whsec_abcdef", wanted: "x", message: "m", curl };
    run.append("contracts", contractResult(0, "monolith", { outcome: "broken", findings: [finding] }));
    run.end();
    writeReport(run.dir, "summary.md", curl.replace("s3cret-header", "x"));
    for (const name of ["run.json", "contracts.ndjson", "summary.md"]) {
      expect(readFileSync(join(run.dir, name), "utf8")).not.toMatch(
        /hunter22|ck_live123|abcdef"|s3cret-header/,
      );
    }
  });
});

describe("reading", () => {
  test("tolerates and counts a last line cut off by a kill", () => {
    const run = createRun(root, start);
    run.append("requests", request);
    run.close();
    appendFileSync(join(run.dir, "requests.ndjson"), '{"seq":1,"tar');
    expect(readRun(run.dir)).toMatchObject({ requests: [request], corrupt: [], truncated: ["requests"] });
  });

  test("keeps a corrupt line in the middle as such", () => {
    const run = createRun(root, start);
    run.append("requests", request);
    run.flush();
    appendFileSync(join(run.dir, "requests.ndjson"), '{"seq":1,"tar\n{"seq":-1}\n');
    run.append("requests", request);
    run.close();
    const { requests, corrupt } = readRun(run.dir);
    expect(requests).toHaveLength(2);
    expect(corrupt.map((line) => line.line)).toEqual([2, 3]);
    expect(corrupt[1]?.message).toBe("/seq got -1, wanted a whole number of at least 0");
  });

  test("cut at any byte, it never invents a record", () => {
    const run = createRun(root, start);
    for (const one of loadRequests(3)) run.append("requests", one);
    run.close();
    const path = join(run.dir, "requests.ndjson");
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const { requests, corrupt } = readRun(run.dir);
      expect(corrupt).toEqual([]);
      expect(requests).toEqual(loadRequests(3).slice(0, requests.length));
    }
  });

  test("another schema version, a damaged file and no run are three messages", () => {
    const run = createRun(root, start);
    run.end();
    const path = join(run.dir, "run.json");
    const good = readFileSync(path, "utf8");
    writeFileSync(path, good.replace('"schemaVersion": 1', '"schemaVersion": 9'));
    expect(() => readRun(run.dir)).toThrow(/another version of Cutover[\s\S]*got {5}schema version 9/);
    writeFileSync(path, good.slice(0, 100));
    expect(() => readRun(run.dir)).toThrow(/damaged/);
    expect(exitCodeOf(() => readRun(run.dir))).toBe(2);
    expect(exitCodeOf(() => readRun(join(root, "nothing")))).toBe(64);
    expect(exitCodeOf(() => joinRun(join(root, "nothing")))).toBe(64);
  });

  test("finds the verdict beside the evidence", () => {
    const run = createRun(root, start);
    run.end();
    expect(readRun(run.dir).verdict).toBeUndefined();
    const verdict = judge(readRun(run.dir), new Date());
    writeVerdict(run.dir, verdict);
    expect(readRun(run.dir).verdict).toEqual(JSON.parse(JSON.stringify(verdict)));
  });
});

describe("evidence that cannot be written", () => {
  test("exits 74: a folder that cannot be made", () => {
    writeFileSync(join(root, "file"), "");
    expect(exitCodeOf(() => createRun(join(root, "file", "out"), start))).toBe(74);
  });

  // The device that is always full exists on Linux only.
  test.runIf(existsSync("/dev/full"))("exits 74: a full disk, from every call after it", () => {
    const run = createRun(root, start);
    symlinkSync("/dev/full", join(run.dir, "requests.ndjson"));
    run.append("requests", request);
    expect(() => run.flush()).toThrow(/no space left on the disk \(ENOSPC\)/);
    expect(exitCodeOf(() => run.append("requests", request))).toBe(74);
    run.append("contracts", contractResult(0, "monolith"));
    expect(exitCodeOf(() => run.close())).toBe(74);
  });

  test("what could not be read again is refused as a bug, not written", () => {
    const run = createRun(root, start);
    expect(exitCodeOf(() => run.beginStage("load", "monolith", Number.NaN))).toBe(70);
    run.close();
    expect(readRun(run.dir).file.stages).toHaveLength(1);
  });
});
