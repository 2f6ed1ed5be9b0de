import type { PactResult, RunWriter } from "../gates/evidence/index.ts";
import type { OperationModel } from "../openapi/model/index.ts";
import { operationOf } from "./pacts/operation.ts";
import type { Expectation } from "./pacts/types.ts";
import { findingsOf } from "./verify/findings.ts";
import type { PactTarget, Verified } from "./verify/job.ts";
import { verifyTarget } from "./verify/verify.ts";

export interface PactRun {
  readonly expectations: readonly Expectation[];
  /** What is wrong with an expectation whatever a target answers, by its place; see `refusals`. */
  readonly refused: ReadonlyMap<number, readonly PactResult["findings"][number][]>;
  readonly provider: string;
  readonly model: OperationModel;
  readonly specs: readonly string[];
  readonly signal?: AbortSignal;
}

/** How long one reply may take, milliseconds. */
const REPLY_MS = 15_000;

/**
 * Verifies one target against all expectations that may be asked at all, and hands each result to `record`.
 * @returns the results, one for each expectation
 * @throws CutoverError when the verification itself fails
 */
export async function verifyPacts(
  target: PactTarget,
  run: PactRun,
  record?: Pick<RunWriter, "append">,
): Promise<readonly PactResult[]> {
  const at = new Date().toISOString();
  const { provider, specs } = run;
  const expectations = run.expectations.filter((_, place) => !run.refused.has(place));
  const job = { target, provider, specs, expectations, timeoutMs: REPLY_MS };
  const verified = expectations.length === 0 ? [] : await verifyTarget(job, run.signal);
  const results = resultsOf(target.name, run, verified, at);
  for (const result of results) record?.append("pact", result);
  return results;
}

/** One result for each expectation of a run: what was refused, and what became of the others, in their order. */
export function resultsOf(
  target: string,
  { model, expectations, refused }: PactRun,
  verified: readonly Verified[],
  at: string = new Date().toISOString(),
): readonly PactResult[] {
  let next = 0;
  return expectations.map((expectation, place) => {
    const common = commonOf(model, expectation, target, at);
    const findings = refused.get(place);
    if (findings === undefined) return { ...common, ...outcomeOf(expectation, verified[next++]) };
    const reason = findings[0]?.message ?? "it cannot be verified";
    return { ...common, outcome: "refused", reason, durationMs: 0, findings };
  });
}

function commonOf(
  model: OperationModel,
  { consumer, version, interaction }: Expectation,
  target: string,
  at: string,
) {
  const operation = operationOf(model, interaction);
  return {
    ...{ consumer, target, at },
    ...(version !== undefined && { version }),
    interaction: interaction.description,
    kind: interaction.type === "Synchronous/HTTP" ? ("http" as const) : ("message" as const),
    ...(operation !== undefined && { operation }),
    states: (interaction.providerStates ?? []).map(({ name }) => name),
  };
}

function outcomeOf(
  { pending }: Expectation,
  verified: Verified | undefined,
): Pick<PactResult, "outcome" | "reason" | "durationMs" | "findings"> {
  if (verified === undefined)
    return { outcome: "unverified", reason: "Pact left no result", durationMs: 0, findings: [] };
  const { ok, obstacle, durationMs } = verified;
  if (obstacle !== undefined) return { outcome: "unverified", reason: obstacle, durationMs, findings: [] };
  if (ok && !pending) return { outcome: "verified", durationMs, findings: [] };
  if (ok)
    return {
      outcome: "pending",
      reason: "the broker holds it as pending; it held",
      durationMs,
      findings: [],
    };
  const findings = findingsOf(verified);
  return pending
    ? { outcome: "pending", reason: "the broker holds it as pending; it failed", durationMs, findings }
    : { outcome: "broken", durationMs, findings };
}
