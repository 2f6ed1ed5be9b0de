import { formatCount } from "../format.ts";
import type { LoadSample } from "../load-sample.ts";
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

function byKind(errors: LoadSample): string {
  return [...errors.tally((error) => error.outcome)]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${formatCount(count)} ${kind}`)
    .join(", ");
}
