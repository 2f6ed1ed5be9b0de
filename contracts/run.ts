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
  readonly timeoutMs?: number;
}

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
  const asked = run.expectations.flatMap((expectation, place) =>
    run.refused.has(place) ? [] : [{ expectation, place }],
  );
  const verified =
    asked.length === 0
      ? []
      : await verifyTarget(
          {
            target,
            provider: run.provider,
            specs: run.specs,
            expectations: asked.map(({ expectation }) => expectation),
            timeoutMs: run.timeoutMs ?? 15_000,
          },
          run.signal,
        );
  const byPlace = new Map(asked.map(({ place }, index) => [place, verified[index]]));
  const results = run.expectations.map((expectation, place) => {
    const common = commonOf(run.model, expectation, target.name, at);
    const findings = run.refused.get(place);
    if (findings !== undefined) {
      const reason = findings[0]?.message ?? "it cannot be verified";
      return { ...common, outcome: "refused", reason, durationMs: 0, findings } satisfies PactResult;
    }
    return { ...common, ...outcomeOf(expectation, byPlace.get(place)) };
  });
  for (const result of results) record?.append("pact", result);
  return results;
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
