import type { GateOutcome, GateSpec, PactResult, RunRecord } from "../evidence/index.ts";
import { plural, some } from "../format.ts";
import { missingTarget, targets } from "./contracts.ts";
import { findStage, type GateKind, lostLines, type Obstacle, outcomeOf, stageObstacle } from "./kind.ts";

/** Every interaction of every consumer's pact was verified on each target; what a broker holds as pending counts for nothing. */
export const pact: GateKind = {
  name: "pact",
  targets,
  judge(record, spec) {
    const judged = targets(record, spec).map((target) => target.name);
    const results = record.pact.filter((result) => judged.includes(result.target));
    const verified = results.filter((result) => result.outcome === "verified");
    const wrong = results.filter(({ outcome }) => outcome === "broken" || outcome === "refused");
    const outcome = (kind: GateOutcome["kind"], reason: string): GateOutcome => ({
      ...outcomeOf(spec, spec.target),
      unit: "results",
      estimate: verified.length,
      n: results.length,
      x: wrong.length,
      limit: (record.file.pactPlan?.interactions.length ?? 0) * judged.length,
      kind,
      reason,
    });

    const lost = lostLines(record, "pact");
    if (lost) return outcome(lost.kind, lost.reason);
    // One reply that a consumer could not live with is proof, whatever is missing elsewhere.
    if (wrong.length > 0) return outcome("fail", whoBreaks(wrong, judged));
    const obstacle =
      missingTarget(record, spec) ??
      partial(record, spec) ??
      judged
        .map((name) => incomplete(record, name, results, spec.cases))
        .find((found) => found !== undefined);
    if (obstacle) return outcome(obstacle.kind, obstacle.reason);
    const pending = results.length - verified.length;
    const each = judged.length > 1 ? ` (${verified.length / judged.length} on each target)` : "";
    const consumers = [...new Set(verified.map(({ consumer }) => consumer))];
    return outcome(
      "pass",
      `${plural(verified.length, "interaction")} of ${some(consumers)} verified${each}${pending === 0 ? "" : `; ${pending} pending, not counted`}.`,
    );
  },
};

/** Names the consumers that would break, and what only some targets do. */
function whoBreaks(wrong: readonly PactResult[], judged: readonly string[]): string {
  const interactions = [...Map.groupBy(wrong, nameOf)].map(([name, own]) => {
    const where = [...new Set(own.map(({ target }) => target))];
    if (own[0]?.outcome === "refused") return `${name} (refused)`;
    const only = judged.length > 1 && where.length < judged.length;
    return `${name} ${only ? `on ${where.join(", ")} only` : `on ${where.join(" and ")}`}`;
  });
  const consumers = [...new Set(wrong.map(({ consumer }) => consumer))];
  return `${some(consumers)} would break: ${some(interactions)}.`;
}

const nameOf = ({ consumer, version, interaction }: Omit<PactResult, "target">): string =>
  `${consumer}${version === undefined ? "" : ` ${version}`} “${interaction}”`;

/** A part that was asked for by hand stands for itself, one target at a time. */
function partial(record: RunRecord, spec: GateSpec): Obstacle | undefined {
  return record.file.pactPlan?.partial === true && spec.target === undefined
    ? { kind: "invalid", reason: "Only some of the pacts' interactions were asked for." }
    : undefined;
}

function incomplete(
  record: RunRecord,
  target: string,
  all: readonly PactResult[],
  cases: number | undefined,
): Obstacle | undefined {
  const results = all.filter((result) => result.target === target);
  const obstacle = stageObstacle(findStage(record, "pact", target), "pact", target, results.length);
  if (obstacle) return obstacle;
  const invalid = (reason: string): Obstacle => ({ kind: "invalid", reason });
  const planned = record.file.pactPlan?.interactions;
  if (!planned) return invalid("What the pacts hold was not recorded.");
  if (planned.length === 0) return invalid("The pacts hold no interaction: nothing was verified.");
  // A broker may bring more, of other versions of the consumers.
  if (cases !== undefined && planned.length < cases)
    return invalid(`The pacts hold ${planned.length} interactions, but the gate asks for ${cases}.`);
  const open = results.find(({ outcome }) => outcome === "unverified");
  if (open)
    return invalid(`${nameOf(open)} on ${target} was not verified: ${open.reason ?? "no reason given"}.`);
  const counts = (names: readonly string[]): Map<string, number> =>
    new Map([...Map.groupBy(names, (name) => name)].map(([name, own]) => [name, own.length]));
  const wanted = counts(planned.map((one) => nameOf(one as PactResult)));
  const got = counts(results.map(nameOf));
  const off = [...new Set([...wanted.keys(), ...got.keys()])].filter(
    (name) => wanted.get(name) !== got.get(name),
  );
  if (off.length > 0) return invalid(`${some(off)} on ${target} has no result, or not exactly one.`);
  if (results.every(({ outcome }) => outcome === "pending"))
    return invalid(`Everything on ${target} is pending: nothing was verified.`);
  return undefined;
}
