import { type LoadRequest, type RunOwner, readRun } from "../../gates/evidence/index.ts";
import { readTraces } from "../../load/invocations.ts";
import type { RunningTarget } from "./targets.ts";

/** So many traces are kept of one load: the slowest requests', and of the others as many as show what is usual. */
const KEPT = 20_000;
/** Clocks of this machine and of AWS may differ, and logs arrive late. */
const SLACK_MS = 5_000;

/**
 * Writes down what the platform says about the requests of a load. No gate needs it: when the logs cannot be read,
 * that is said, and slow requests stay unexplained.
 * @param from when the load began, in ms since 1970
 */
export async function traceLoad(
  run: RunOwner,
  target: RunningTarget,
  from: number,
  say: (line: string) => void,
): Promise<void> {
  const { lambda } = target;
  if (lambda?.accessLog === undefined) return;
  try {
    const traces = await readTraces({
      target: target.name,
      region: lambda.region,
      accessLog: lambda.accessLog,
      functions: lambda.functions.map(({ name }) => name),
      env: target.aws,
      from: from - SLACK_MS,
      to: Date.now() + SLACK_MS,
    });
    const own = readRun(run.dir).requests.filter((request) => request.target === target.name);
    const wanted = new Set(chosen(own).map((request) => request.requestId));
    for (const trace of traces) if (wanted.has(trace.requestId)) run.append("invocations", trace);
    run.flush();
  } catch (error) {
    say((error as Error).message);
  }
}

function chosen(requests: readonly LoadRequest[]): readonly LoadRequest[] {
  if (requests.length <= KEPT) return requests;
  const slowest = requests.toSorted((a, b) => b.doneMs - b.dueMs - (a.doneMs - a.dueMs));
  const step = Math.ceil(requests.length / (KEPT / 2));
  return [...slowest.slice(0, KEPT / 2), ...slowest.slice(KEPT / 2).filter((_, index) => index % step === 0)];
}
