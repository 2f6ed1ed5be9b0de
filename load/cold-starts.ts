import { type ColdStart, joinRun } from "../gates/evidence/index.ts";
import { Interrupted, UsageError } from "../gates/exit.ts";
import { type FunctionControl, lambdaControl, MARKER, type Variables } from "./cold-starts/lambda.ts";
import { burstOrder, sampleOrder, type WeightedFunction } from "./cold-starts/order.ts";
import { type Probe, probeOf } from "./cold-starts/payloads.ts";
import { classify, parseReport } from "./cold-starts/report.ts";

export interface ColdStartOptions {
  /** The target's name in the evidence. */
  readonly target: string;
  readonly lambda: {
    /** Where Lambda's API is; left out, AWS itself. */
    readonly endpoint?: string;
    readonly region: string;
    readonly functions: readonly WeightedFunction[];
  };
  /** What the AWS SDK is to use in place of the environment: endpoints, credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** Over all functions, by weight, at least one of each. */
  readonly samples: number;
  /** After them, so many times `size` invocations at once of one function: another population. */
  readonly burst?: { readonly size: number; readonly times: number };
  /** The folder of a run; `coldStarts` records are added to it. */
  readonly runDir: string;
  readonly seed: number;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, planned: number) => void;
}

export interface ColdStartResult {
  readonly planned: number;
  readonly finished: number;
}

/**
 * Forces cold starts one at a time, then in bursts, and records what the client waited for each. It changes an environment
 * variable of `$LATEST`, waits until that is in force, and invokes; what the variables were before is put back
 * at the end, also after an interruption. Nothing else may load the functions meanwhile.
 * @throws UsageError without functions or with too few samples; TargetError when a function is missing or may
 *   not be changed; Interrupted when aborted (what was seen is kept)
 */
export async function probeColdStarts(options: ColdStartOptions): Promise<ColdStartResult> {
  const { lambda, samples, seed, signal } = options;
  requireEnough(lambda.functions, samples);
  const { size, times } = options.burst ?? { size: 0, times: 0 };
  const order = sampleOrder(lambda.functions, samples, seed);
  const bursts = burstOrder(lambda.functions, times, seed);
  const planned = samples + size * times;
  const control = lambdaControl(lambda.endpoint, lambda.region, options.env);
  const evidence = joinRun(options.runDir, { secrets: options.secrets });
  const before = new Map<string, Variables>();
  const changed = new Set<string>();
  const putBack = async (name: string): Promise<void> => {
    await control.setVariables(name, before.get(name) ?? {});
    changed.delete(name);
  };
  const jobs: readonly Job[] = [
    ...order.map((name) => ({ name, population: "serial" as const, count: 1 })),
    ...bursts.map((name) => ({ name, population: "burst" as const, count: size })),
  ];
  const change = (job: number): Promise<void> => {
    const name = jobs[job]?.name ?? "";
    changed.add(name);
    return control.setVariables(name, { ...before.get(name), [MARKER]: `${seed}-${job}` });
  };
  let done = 0;
  let ready: Promise<void> | undefined;
  const force = async ({ name, population, count }: Job, job: number): Promise<void> => {
    if (signal.aborted) throw new Interrupted();
    await (ready ?? change(job));
    const at = new Date().toISOString();
    const measuring = Promise.all(Array.from({ length: count }, () => measure(control, name, probeOf(name))));
    // Another function can be made ready meanwhile, which starts nothing.
    const next = jobs[job + 1]?.name;
    ready = next === undefined || next === name ? undefined : change(job + 1);
    ready?.catch(() => undefined);
    for (const one of await measuring) {
      evidence.append("coldStarts", {
        target: options.target,
        function: name,
        sample: done,
        population,
        at,
        ...one,
      });
      done += 1;
    }
    options.onProgress?.(done, planned);
  };
  try {
    // All of them first: a function that is missing shows before anything was changed.
    for (const name of new Set([...order, ...bursts]))
      before.set(name, withoutMarker(await control.variables(name)));
    for (const [index, job] of jobs.entries()) await force(job, index);
    for (const name of [...changed]) await putBack(name);
    return { planned, finished: done };
  } finally {
    // Left only after an error or an interruption, and that is what is to be reported.
    await ready?.catch(() => undefined);
    await Promise.allSettled([...changed].map(putBack));
    control.close();
    evidence.close();
  }
}

/** So many invocations at once of a function whose environments are all gone. */
interface Job extends Pick<ColdStart, "population"> {
  readonly name: string;
  readonly count: number;
}

type Measured = Omit<ColdStart, "target" | "function" | "sample" | "population" | "at">;

/** Invokes once. What fails is part of the record: nothing is tried again. */
async function measure(control: FunctionControl, name: string, probe: Probe): Promise<Measured> {
  const from = performance.now();
  try {
    const { clientMs, requestId, log, functionError } = await control.invoke(name, probe.payload);
    const report = parseReport(log, requestId);
    const { initFailed: _, restoreMs, ...figures } = report ?? { initFailed: false };
    const initMs = figures.initMs ?? restoreMs;
    const error = unexpected(functionError, probe);
    return {
      classification: classify(report),
      clientMs,
      ...figures,
      ...(initMs !== undefined && { initMs }),
      ...(requestId !== undefined && { requestId }),
      ...(error !== undefined && { error }),
    };
  } catch (error) {
    const { name: kind, message } = error as Error;
    return { classification: "unknown", clientMs: performance.now() - from, error: `${kind}: ${message}` };
  }
}

/** A function that refuses its payload by throwing has started all the same; one that crashed has not. */
function unexpected(functionError: string | undefined, probe: Probe): string | undefined {
  if (probe.answers === "result") return functionError;
  if (functionError === undefined) return "it accepted a payload that it was expected to refuse";
  return /"errorType":"(?:Runtime|Sandbox)\./.test(functionError) ? functionError : undefined;
}

/** A run that was killed leaves its marker behind. */
function withoutMarker(variables: Variables): Variables {
  const { [MARKER]: _, ...rest } = variables;
  return rest;
}

function requireEnough(functions: readonly WeightedFunction[], samples: number): void {
  const weighted = functions.filter((one) => one.weight > 0).length;
  if (weighted > 0 && samples >= weighted) return;
  throw new UsageError({
    what: weighted === 0 ? "No function is named to measure cold starts of." : "Too few cold-start samples.",
    where: weighted === 0 ? "lambda.functions" : "coldStart.samples",
    got: weighted === 0 ? "none" : String(samples),
    wanted:
      weighted === 0
        ? "function names, with their share of the traffic"
        : `at least ${weighted}, one for each function`,
  });
}
