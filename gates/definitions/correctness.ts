import { formatShare, plural, some } from "../format.ts";
import { type Ending, type LoadSample, sampleOf } from "../load-sample.ts";
import { type GateKind, oneTarget } from "./kind.ts";
import { judgeShare } from "./share.ts";

/**
 * No answer is wrong under load: one is enough to prove that a promise is broken, and only a number of right ones
 * proves that wrong ones are rarer than the limit.
 */
export const correctnessUnderLoad: GateKind = {
  name: "correctnessUnderLoad",
  targets: oneTarget,
  judge(record, spec) {
    const outcome = judgeShare(record, spec, {
      subject: "The share of wrong answers",
      noun: "wrong answer",
      happens: "answers are wrong",
      counts: isWrong,
      detail: where,
    });
    const { x = 0, n = 0 } = outcome;
    if (x === 0 || outcome.kind === "invalid" || outcome.kind === "absent") return outcome;
    const { needs: _, pValue: __, ...rest } = outcome;
    const wrong = sampleOf(record, outcome.target ?? "").only(
      (request) =>
        (spec.phases?.includes(request.phase) ?? true) &&
        (spec.endpoints?.includes(request.endpoint) ?? true) &&
        isWrong(request),
    );
    const reason = `${plural(x, "answer was", "answers were")} wrong in ${plural(n, "request")} (${where(wrong)}), at least ${formatShare(outcome.lower ?? 0, "down")}.`;
    return { ...rest, kind: "fail", reason };
  },
};

/**
 * A body or value that is not right, or a status that says something else than what is so. That a target fails
 * (5xx), is busy (429) or cannot be reached is no wrong answer but none.
 */
export function isWrong({ outcome, reply }: Ending): boolean {
  if (outcome === "wrong-body") return true;
  return outcome === "unexpected-status" && typeof reply === "number" && reply < 500 && reply !== 429;
}

function where(wrong: LoadSample): string {
  return some([...wrong.tally(({ endpoint }) => endpoint)].map(([endpoint, n]) => `${n} of ${endpoint}`));
}
