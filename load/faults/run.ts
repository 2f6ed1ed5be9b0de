import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  createRun,
  type GateSpec,
  type RunOwner,
  readRun,
  type Verdict,
} from "../../gates/evidence/index.ts";
import { judge } from "../../gates/judge.ts";
import { runLoad } from "../run.ts";
import { type Cell, cellName } from "./cells.ts";
import { spoil } from "./evidence.ts";
import { faultyProxy, type TargetFault } from "./proxy.ts";

/** Limits that a hundred requests settle: with none of them bad all are GO. */
const gates: readonly GateSpec[] = [
  { gate: "generator" },
  { gate: "errorRate", limit: 0.05 },
  { gate: "correctnessUnderLoad", limit: 0.05 },
  { gate: "latency.p95", limit: 2000 },
];
/** 9 users of 13 requests each, and one second in which everything gets warm. */
const phases = [
  { name: "warm-up", rate: 1, seconds: 2 },
  { name: "steady", rate: 2, seconds: 4.5 },
];

export interface FaultOptions {
  readonly targets: Readonly<Record<"monolith" | "serverless", string>>;
  readonly specs: readonly string[];
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface CellOutcome {
  readonly cell: string;
  readonly verdict: Verdict["verdict"];
  /** What the load itself ended with, when it did not end well. */
  readonly failure?: string;
  /** Why, gate by gate, of those that do not pass. */
  readonly why: readonly string[];
  /** GO for what is sound, anything else for what is not. */
  readonly holds: boolean;
}

/** Sends a small load with one thing going wrong, and judges what it leaves. */
export async function runCell(cell: Cell, options: FaultOptions): Promise<CellOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "cutover-fault-"));
  const target = cell.place === "serverless" ? "serverless" : "monolith";
  const fault = cell.place === "monolith" || cell.place === "serverless" ? cell.fault : "none";
  const proxy = await faultyProxy(
    options.targets[target],
    fault === "none" ? undefined : (fault as TargetFault),
  );
  const run = openRun(folder, target, proxy.url);
  try {
    // A device that is always full. Reading it never ends, so it is taken away before anybody does.
    const full = join(run.dir, "generator.ndjson");
    const noSpace = cell.place === "generator" && cell.fault === "full disk";
    if (noSpace) symlinkSync("/dev/full", full);
    const failure = await load(run, target, proxy.url, cell, options);
    if (noSpace) rmSync(full);
    run.updateTarget(target, { versionAfter: "1" });
    run.end();
    if (cell.place === "evidence") spoil(run.dir, cell.fault);
    const verdict = judge(readRun(run.dir), new Date());
    const sound = cell.fault === "none";
    return {
      cell: cellName(cell),
      verdict: verdict.verdict,
      ...(failure !== undefined && { failure }),
      why: verdict.gates
        .filter(({ kind }) => kind !== "pass")
        .map(({ gate, kind, reason }) => `${gate} ${kind}: ${reason}`),
      holds: (verdict.verdict === "GO") === sound,
    };
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The load, as the stage of a verification runs it. @returns what it failed with, if so */
async function load(
  run: RunOwner,
  target: string,
  url: string,
  cell: Cell,
  { specs, seed, signal }: FaultOptions,
): Promise<string | undefined> {
  run.beginStage("load", target, 1);
  let struck = false;
  try {
    const [{ planned, finished } = { planned: 0, finished: 0 }] = await runLoad({
      targets: [{ name: target, url, headers: {} }],
      scenario: "journey",
      phases,
      requests: 0,
      timeoutMs: 6_000,
      runDir: run.dir,
      seed,
      secrets: [],
      specs,
      signal,
      onProgress: ({ sent }) => {
        if (cell.place !== "generator" || struck || sent < 20) return;
        struck = true;
        void strike(cell.fault);
      },
    });
    run.beginStage("load", target, planned);
    run.endStage("load", target, { finished, status: finished === planned ? "done" : "failed" });
    return undefined;
  } catch (error) {
    const why = (error as Error).message.split("\n")[0] ?? "";
    run.endStage("load", target, { finished: 0, status: "failed", why });
    return why;
  }
}

/** Stops the processes of the load for two seconds, or ends them. */
async function strike(fault: "stall" | "death" | "full disk"): Promise<void> {
  if (fault === "full disk") return;
  const children = await childrenOf(process.pid);
  for (const pid of children) kill(pid, fault === "death" ? "SIGKILL" : "SIGSTOP");
  if (fault === "death") return;
  await sleep(2_000);
  for (const pid of children) kill(pid, "SIGCONT");
}

/** Our own children that run Artillery. The targets may be children too, and they are to go on. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("pgrep", ["-P", String(pid), "-f", "artillery"]);
  return stdout.split("\n").filter(Boolean).map(Number);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between.
  }
}

function openRun(folder: string, target: "monolith" | "serverless", url: string): RunOwner {
  return createRun(folder, {
    command: "npm run faults",
    git: { commit: null, dirty: false },
    seed: 1,
    profile: {
      name: "faults",
      label: "limits that a hundred requests settle",
      gates: gates.map((gate) => ({ ...gate, target })),
      generator: { latenessP99Ms: 250, eventLoopP99Ms: 400 },
      maxAgeHours: 1,
    },
    targets: [{ name: target, url, role: "candidate", versionBefore: "1" }],
    specs: [],
    tools: {},
    stages: [{ name: "load", target, planned: 1 }],
  });
}
