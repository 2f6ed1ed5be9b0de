import type { GateOutcome, GateSpec, RunRecord } from "../evidence/index.ts";
import { formatShare, plural } from "../format.ts";
import type { Ending, LoadSample } from "../load-sample.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import { isAnytime, judgeLoad, requestsCommand } from "./requests.ts";

/** What a gate on a share of requests counts, in words. */
export interface Counted {
  /** "The error rate". */
  readonly subject: string;
  /** "error". */
  readonly noun: string;
  /** "requests fail". */
  readonly happens: string;
  counts(request: Ending): boolean;
  /** More about those counted, such as their kinds. */
  readonly detail?: (counted: LoadSample) => string;
}

/** A gate that holds when the share of requests that count is proven to be at most the limit. */
export function judgeShare(record: RunRecord, spec: GateSpec, counted: Counted): GateOutcome {
  const limit = spec.limit ?? 0;
  return judgeLoad(record, spec, { warmUp: true, fixed: { unit: "share", limit } }, ({ requests, stage }) => {
    const { n } = requests;
    const those = requests.only(counted.counts);
    const x = those.n;
    const anytime = isAnytime(spec, stage);
    const { kind, lower, upper, pValue } = judgeExceedance(x, n, limit, anytime);
    const detail = x > 0 && counted.detail ? ` (${counted.detail(those)})` : "";
    const seen = `${plural(x, counted.noun)} in ${plural(n, "request")}${detail}`;
    const reason = {
      pass: `${counted.subject} is at most ${formatShare(upper, "up")}: ${seen}.`,
      fail: `${counted.subject} is at least ${formatShare(lower, "down")}, over the limit of ${formatShare(limit)}: ${seen}.`,
      inconclusive: `${counted.subject} may be up to ${formatShare(upper, "up")}, the limit is ${formatShare(limit)}: ${seen}.`,
    }[kind];
    return {
      estimate: x / n,
      lower,
      upper,
      confidence: CONFIDENCE,
      n,
      x,
      pValue,
      kind,
      reason,
      ...(kind !== "pass" && {
        needs: settlingRun(x, n, limit, counted.happens, requestsCommand(record), anytime),
      }),
    };
  });
}
