import { fork } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ContractResult } from "../../gates/evidence/index.ts";
import { EXIT, type ExitCode } from "../../gates/exit.ts";
import type { ContractTarget } from "./settings.ts";

export interface ContractRun {
  readonly targets: readonly (ContractTarget & {
    /** With an endpoint of its own, Lambda runs on a small machine: one request at a time, unless told. */
    readonly lambda?: { readonly endpoint?: string | undefined };
  })[];
  /** The documents; none means the bundled ones. */
  readonly specs: readonly string[];
  /** A run made by `createRun`; without one no evidence is written. */
  readonly runDir?: string;
  readonly seed: number;
  /** Redacted in evidence. */
  readonly secrets?: readonly string[];
  /** Case numbers or operationIds; none means all. */
  readonly cases?: readonly string[];
  /** Stops the tests; what they saw is kept. */
  readonly signal?: AbortSignal;
  /** Prints nothing: the results tell all. */
  readonly quiet?: boolean;
}

export interface ContractOutcome {
  /** 0: every case held and every cell was exercised; 69: a target could not be reached; 130; else 1. */
  readonly exitCode: ExitCode;
  readonly results: readonly ContractResult[];
  /** Results of each target. */
  readonly finished: Readonly<Record<string, number>>;
}

/** Runs the contract tests in a vitest of their own: a process, because vitest takes over the one it is in. */
export function runContracts(options: ContractRun): Promise<ContractOutcome> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const shown = options.quiet === true ? "ignore" : "inherit";
  return new Promise((resolve, reject) => {
    const child = fork(vitest, ["run", "--config", join(import.meta.dirname, "vitest.config.ts")], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...environment(options) },
      stdio: ["ignore", shown, shown, "ipc"],
    });
    const results: ContractResult[] = [];
    child.on("message", (message) => {
      if (message !== null && typeof message === "object" && "result" in message)
        results.push(message.result as ContractResult);
    });
    const stop = (): boolean => child.kill("SIGTERM");
    options.signal?.addEventListener("abort", stop, { once: true });
    if (options.signal?.aborted) stop();
    child.on("error", reject);
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", stop);
      const finished = Object.fromEntries(
        options.targets.map(({ name }) => [name, results.filter((result) => result.target === name).length]),
      );
      resolve({ exitCode: exitOf(code, results, options.signal), results, finished });
    });
  });
}

/** On one machine environments are few: what is in flight at once must not need a second of any function. */
const LOCAL_LAMBDA = { atOnce: 2, onePerResource: true };

/** Everything the workers are told. Nothing of another run's may leak in. */
function environment(options: ContractRun): NodeJS.ProcessEnv {
  return {
    CUTOVER_TARGETS: JSON.stringify(
      options.targets.map(
        ({ name, url, headers, webhookReceiver, lambda, atOnce }): ContractTarget => ({
          ...{ name, url },
          ...(headers && { headers }),
          ...(webhookReceiver && { webhookReceiver }),
          ...(lambda?.endpoint !== undefined && LOCAL_LAMBDA),
          ...(atOnce !== undefined && { atOnce }),
        }),
      ),
    ),
    CUTOVER_SPECS: options.specs.join(","),
    CUTOVER_RUN_DIR: options.runDir,
    CUTOVER_SEED: String(options.seed),
    CUTOVER_SECRETS: (options.secrets ?? []).join("\n"),
    CUTOVER_CASES: (options.cases ?? []).join(","),
    // vitest sets it for its own tests; a suite started from one of them is none.
    VITEST: undefined,
  };
}

function exitOf(
  code: number | null,
  results: readonly ContractResult[],
  signal: AbortSignal | undefined,
): ExitCode {
  if (signal?.aborted) return EXIT.interrupted;
  if (results.some((result) => result.outcome === "broken")) return EXIT.wrong;
  if (results.some((result) => result.outcome === "unreachable")) return EXIT.unreachable;
  return code === 0 ? EXIT.holds : EXIT.wrong;
}
