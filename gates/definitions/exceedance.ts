import type { GateOutcome } from "../evidence/index.ts";
import { formatShare } from "../format.ts";
import { binomialUpperTail, CONFIDENCE, clopperPearson } from "../statistics/binomial.ts";
import {
  evidenceAbove,
  sequentialBounds,
  sequentially,
  smallestSequential,
} from "../statistics/e-process.ts";
import { plannedSample, smallestSample } from "../statistics/sample-size.ts";

/** The decision every gate on an exact count takes: are x of n few enough to prove a rate of at most `limit`? */
export interface Exceedance {
  readonly kind: "pass" | "fail" | "inconclusive";
  readonly lower: number;
  readonly upper: number;
  /** How probable x or more are when the true rate is `limit`. */
  readonly pValue: number;
}

/** @param anytime the count may have been looked at before: an e-process decides instead of fixed-size bounds */
export function judgeExceedance(x: number, n: number, limit: number, anytime = false): Exceedance {
  if (anytime) {
    const decided = sequentially(x, n, limit);
    const pValue = Math.min(1, 1 / evidenceAbove(x, n, limit));
    return { kind: decided === "open" ? "inconclusive" : decided, ...sequentialBounds(x, n), pValue };
  }
  const { lower, upper } = clopperPearson(x, n);
  const kind = upper <= limit ? "pass" : lower > limit ? "fail" : "inconclusive";
  return { kind, lower, upper, pValue: binomialUpperTail(x, n, limit) };
}

/**
 * The fresh run that would settle a gate which stayed open. Fresh, because adding to a run after a look at
 * it inflates the error. Planned for a true rate of a quarter or half of the limit, whichever what was seen
 * allows.
 * @param happens what is counted, such as "requests fail"
 */
export function settlingRun(
  x: number,
  n: number,
  limit: number,
  happens: string,
  command: (size: number) => string,
  anytime = false,
): NonNullable<GateOutcome["needs"]> {
  const assumed = n === 0 || x / n <= limit / 4 ? limit / 4 : limit / 2;
  // A quarter and a half can always be planned for: at most 12 occurrences have to be allowed.
  const planned = plannedSample(limit, assumed);
  const smallest = anytime ? smallestSequential : smallestSample;
  const size = anytime || !planned ? smallest(limit, planned?.allowed ?? x) : planned.n;
  const doubt = n > 0 && x / n > limit ? ", but what was seen is above the limit" : "";
  const because = `it passes in 8 of 10 cases if at most ${formatShare(assumed)} of ${happens}${doubt}`;
  return { n: size, command: command(size), because };
}

export { CONFIDENCE };
