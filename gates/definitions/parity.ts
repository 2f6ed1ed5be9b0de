import type { GateOutcome } from "../evidence/index.ts";
import { formatShare, plural } from "../format.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import {
  findStage,
  type GateKind,
  isComplete,
  judgedTarget,
  lostLines,
  oneTarget,
  outcomeOf,
  stageObstacle,
} from "./kind.ts";

/** More sequences given up than this, and what they would have shown is missing. */
const MOST_GIVEN_UP = 0.1;

/**
 * No confirmed difference that nobody accepts; and, of n sequences drawn independently, so few differ that the
 * share of differing ones is at most the limit. Without a limit no bound is asked for.
 */
export const parity: GateKind = {
  name: "parity",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    if (target === undefined)
      return { ...outcomeOf(spec), kind: "absent", reason: "Its target was not part of this run." };
    const sequences = record.parity.filter((sequence) => sequence.target === target);
    const findings = record.parityFindings.filter((finding) => finding.target === target);
    const open = findings.filter(({ accepted }) => accepted === undefined);
    const outcome = (
      kind: GateOutcome["kind"],
      reason: string,
      more: Partial<GateOutcome> = {},
    ): GateOutcome => ({
      ...outcomeOf(spec, target),
      ...more,
      kind,
      reason,
    });
    const lost = lostLines(record, "parity", "parityFindings");
    if (lost) return outcome(lost.kind, lost.reason);
    // One confirmed difference proves it, whatever else is missing.
    const [first] = open;
    if (first !== undefined) {
      const others = open.length === 1 ? "" : `, and ${open.length - 1} more`;
      return outcome(
        "fail",
        `${plural(open.length, "difference")} between the systems: ${first.class}: ${first.title}${others}.`,
        { x: open.length },
      );
    }
    const obstacle = stageObstacle(findStage(record, "parity", target), "parity", target, sequences.length);
    if (obstacle) return outcome(obstacle.kind, obstacle.reason);
    if (!isComplete(sequences.map(({ seq }) => seq)))
      return outcome("invalid", "The numbers of the sequences have gaps.");
    const whole = sequences.filter((sequence) => sequence.outcome !== "given-up");
    const givenUp = sequences.length - whole.length;
    if (sequences.length === 0) return outcome("invalid", "No sequence was sent.");
    if (givenUp / sequences.length > MOST_GIVEN_UP) {
      const why = sequences.find((sequence) => sequence.why !== undefined)?.why ?? "no reason given";
      return outcome(
        "inconclusive",
        `${givenUp} of ${plural(sequences.length, "sequence")} had to be given up: ${why}.`,
      );
    }
    const accepted = findings.length === 0 ? "" : ` (${findings.length} accepted)`;
    const drawn = whole.filter((sequence) => sequence.drawn === "independent");
    const n = drawn.length;
    // What differed once and never again, and what is accepted, is counted where it was seen.
    const x =
      drawn.filter((sequence) => sequence.outcome === "differs").length -
      (findings.length > 0 ? accountedFor(drawn.length, findings) : 0);
    const differing = Math.max(0, x);
    const pairs = whole.reduce((sum, sequence) => sum + sequence.pairs, 0);
    const limit = spec.limit;
    const { kind, lower, upper } = judgeExceedance(differing, n, limit ?? 1);
    const measured = {
      unit: "share",
      ...(limit !== undefined && { limit }),
      estimate: n === 0 ? null : differing / n,
      lower,
      upper,
      confidence: CONFIDENCE,
      n,
      x: differing,
    } as const;
    const seen = `no difference${accepted} in ${plural(whole.length, "sequence")} (${plural(pairs, "request")} to each)`;
    const bound = `fewer than ${formatShare(upper, "up")} of such sequences differ, by ${n} drawn independently`;
    if (limit === undefined || kind === "pass")
      return outcome("pass", `${capital(seen)}; ${bound}.`, measured);
    const command = (size: number): string =>
      `npm run parity -- --profile ${record.file.profile.name} --sequences ${size * 2}`;
    return outcome(
      "inconclusive",
      `${capital(seen)}, but up to ${formatShare(upper, "up")} may differ; the limit is ${formatShare(limit)}.`,
      {
        ...measured,
        needs: settlingRun(differing, n, limit, "sequences differ", command),
      },
    );
  },
};

/** Sequences that differed for reasons somebody accepts. */
function accountedFor(most: number, findings: readonly { readonly seenIn: number }[]): number {
  return Math.min(
    most,
    findings.reduce((sum, { seenIn }) => sum + seenIn, 0),
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
