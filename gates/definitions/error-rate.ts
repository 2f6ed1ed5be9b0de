import type { LoadRequest } from "../evidence/index.ts";
import { formatCount } from "../format.ts";
import { type GateKind, oneTarget } from "./kind.ts";
import { judgeShare } from "./share.ts";

/** The share of requests that ended in an error is at most the limit. Every phase counts unless some are named. */
export const errorRate: GateKind = {
  name: "errorRate",
  targets: oneTarget,
  judge: (record, spec) =>
    judgeShare(record, spec, {
      subject: "The error rate",
      noun: "error",
      happens: "requests fail",
      counts: (request) => request.outcome !== "ok",
      detail: byKind,
    }),
};

function byKind(errors: readonly LoadRequest[]): string {
  const counts = Map.groupBy(errors, (error) => error.outcome);
  return [...counts]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([kind, own]) => `${formatCount(own.length)} ${kind}`)
    .join(", ");
}
