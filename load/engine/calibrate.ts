import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { GeneratorSample, LoadRequest } from "../../gates/evidence/index.ts";
import { CutoverError, EXIT } from "../../gates/exit.ts";
import { toScenario } from "../scenario/read.ts";
import { drive } from "./drive.ts";
import { round } from "./health.ts";

export type Calibration = NonNullable<GeneratorSample["calibration"]>;

const SECONDS = 0.4;
/** A rate is kept when 99 of 100 requests leave at most this late, as the generator gate has it. */
const LATE_MS = 50;
/** So many times the load's own peak is tried first: the generator should be far from its limit. */
const MARGIN = 3;
const LEAST = 500;

/**
 * Finds a rate that this process keeps on a server that does nothing: three times the peak of the load, or the half
 * of that, and so on. It also warms up the code that all requests share, before any of them counts.
 * @param peak requests a second that the load needs
 */
export async function calibrate(peak: number): Promise<Calibration> {
  const server = spawn(process.execPath, [join(import.meta.dirname, "null-server.ts")], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env.PATH },
  });
  try {
    const port = Number(String((await once(server.stdout, "data"))[0]));
    let rate = Math.max(LEAST, Math.ceil(peak * MARGIN));
    for (let tries = 0; tries < 8; tries++, rate /= 2) {
      const found = await attempt(`http://127.0.0.1:${port}`, rate);
      if (found.kept) return found.calibration;
    }
    throw new CutoverError(EXIT.machine, {
      what: "This machine is too busy to send any load on time.",
      got: `requests that left more than ${LATE_MS} ms late at ${Math.round(rate)} a second`,
      next: "End what else runs here, or send the load from another machine.",
    });
  } finally {
    server.kill("SIGKILL");
  }
}

/** How the generator fared is no evidence yet, and of requests `see` knows all. */
const nowhere = {
  runId: "calibration",
  append: () => undefined,
  compact: () => ({ append: () => undefined }),
};

async function attempt(
  url: string,
  rate: number,
): Promise<{ readonly kept: boolean; readonly calibration: Calibration }> {
  const late: number[] = [];
  const took: number[] = [];
  const see = ({ dueMs, sentMs, doneMs }: LoadRequest): void => {
    late.push(sentMs - dueMs);
    took.push(doneMs - dueMs);
  };
  const cpu = process.threadCpuUsage();
  const { recorded, errors, due } = await drive({
    target: { name: "nothing", url, headers: {} },
    scenario: toScenario({ scenarios: [{ name: "nothing", flow: [{ get: { url: "/" } }] }] }, "calibration"),
    model: undefined,
    phases: [{ name: "calibration", rate, seconds: SECONDS }],
    budget: Number.POSITIVE_INFINITY,
    timeoutMs: 2_000,
    seed: 0,
    evidence: nowhere,
    requests: { add: see },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const used = process.threadCpuUsage(cpu);
  return {
    kept: errors === 0 && recorded === due && p99(late) <= LATE_MS,
    calibration: {
      rate,
      latencyP99Ms: round(Math.max(0, p99(took))),
      cpuUsPerRequest: round((used.user + used.system) / Math.max(1, recorded)),
    },
  };
}

const p99 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY;
