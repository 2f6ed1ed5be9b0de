import type { LoadRequest } from "../evidence/index.ts";
import { formatCount, formatShare, plural } from "../format.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import { loadObstacle } from "./generator.ts";
import { type GateKind, judgedTarget, oneTarget, outcomeOf } from "./kind.ts";

/** The share of requests that ended in an error is at most the limit. Every phase counts unless some are named. */
export const errorRate: GateKind = {
  name: "errorRate",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    const limit = spec.limit ?? 0;
    if (target === undefined)
      return { ...outcomeOf(spec), kind: "absent", reason: "Its target was not part of this run." };
    const obstacle = loadObstacle(record, target);
    if (obstacle) return { ...outcomeOf(spec, target), unit: "share", limit, ...obstacle };
    const requests = record.requests.filter(
      (request) => request.target === target && (spec.phases?.includes(request.phase) ?? true),
    );
    const n = requests.length;
    if (n === 0) {
      const reason = `No request was made in ${spec.phases?.join(", ") ?? "any phase"}.`;
      return { ...outcomeOf(spec, target), unit: "share", limit, kind: "invalid", reason };
    }
    const errors = requests.filter((request) => request.outcome !== "ok");
    const x = errors.length;
    const { kind, lower, upper, pValue } = judgeExceedance(x, n, limit);
    const seen = `${plural(x, "error")} in ${plural(n, "request")}${x > 0 ? ` (${byKind(errors)})` : ""}`;
    const reason = {
      pass: `The error rate is at most ${formatShare(upper, "up")}: ${seen}.`,
      fail: `The error rate is at least ${formatShare(lower, "down")}, over the limit of ${formatShare(limit)}: ${seen}.`,
      inconclusive: `The error rate may be up to ${formatShare(upper, "up")}, the limit is ${formatShare(limit)}: ${seen}.`,
    }[kind];
    const measured = {
      unit: "share",
      limit,
      estimate: x / n,
      lower,
      upper,
      confidence: CONFIDENCE,
      n,
      x,
      pValue,
    } as const;
    const command = (size: number): string =>
      `npm start -- --profile ${record.file.profile.name} --requests ${size}`;
    return {
      ...outcomeOf(spec, target),
      ...measured,
      kind,
      reason,
      ...(kind === "inconclusive" && { needs: settlingRun(x, n, limit, "requests fail", command) }),
    };
  },
};

function byKind(errors: readonly LoadRequest[]): string {
  const counts = Map.groupBy(errors, (error) => error.outcome);
  return [...counts]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([kind, own]) => `${formatCount(own.length)} ${kind}`)
    .join(", ");
}
