/**
 * E-processes: evidence that may be looked at after every request. Under a true rate at the limit, the chance
 * that E ever reaches 1/α is at most α (Ville's inequality), however often one looks; a Clopper-Pearson bound
 * looked at every 50 requests up to 5,000 would be wrong in 22 % of runs instead of 5 %.
 */

/** GO when the evidence for a lower rate reaches this: wrong in at most 5 %. */
export const GO_EVIDENCE = 20;
/** NO-GO when the evidence for a higher rate reaches this: wrong in at most 1 %. */
export const NO_GO_EVIDENCE = 100;

/** Alternatives that E bets on, as multiples of the limit. */
const BETTER = [0.02, 0.1, 0.25, 0.5];
const WORSE = [2, 5, 20];

/** The evidence of x occurrences in n against "the rate is at least `limit`". */
export function evidenceBelow(x: number, n: number, limit: number): number {
  return evidence(BETTER, x, n, limit);
}

/** The evidence of x occurrences in n against "the rate is at most `limit`". */
export function evidenceAbove(x: number, n: number, limit: number): number {
  return evidence(WORSE, x, n, limit);
}

/** The mean of likelihood ratios of the alternatives, which are chosen before anything is seen. */
function evidence(multiples: readonly number[], x: number, n: number, limit: number): number {
  const rates = multiples.map((multiple) => multiple * limit).filter((rate) => rate < 1);
  if (rates.length === 0) return 1;
  const logs = rates.map(
    (rate) => x * Math.log(rate / limit) + (n - x) * (Math.log1p(-rate) - Math.log1p(-limit)),
  );
  const top = Math.max(...logs);
  return Math.exp(top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / rates.length));
}

export type Stopped = "pass" | "fail" | "open";

/** What an e-process says after x occurrences in n; true at every n at once. */
export function sequentially(x: number, n: number, limit: number): Stopped {
  if (evidenceAbove(x, n, limit) >= NO_GO_EVIDENCE) return "fail";
  return evidenceBelow(x, n, limit) >= GO_EVIDENCE ? "pass" : "open";
}

/**
 * Bounds on the rate that hold at every n at once: the limits at which the e-process would just stop. The upper
 * at 95 % confidence, the lower at 99 %, as the decisions are.
 */
export function sequentialBounds(x: number, n: number): { readonly lower: number; readonly upper: number } {
  // Evidence for "below the limit" grows with the limit, evidence for "above" shrinks with it.
  const upper = firstRate((rate) => evidenceBelow(x, n, rate) >= GO_EVIDENCE, 1);
  const lower = x === 0 ? 0 : firstRate((rate) => evidenceAbove(x, n, rate) < NO_GO_EVIDENCE, 0);
  return { lower: Math.min(lower, x / n), upper: Math.max(upper, x / n) };
}

/** The smallest rate that `holds`, by bisection on the scale of logarithms; `none` when none does. */
function firstRate(holds: (rate: number) => boolean, none: number): number {
  let [low, high] = [Math.log(1e-12), Math.log(1 - 1e-12)];
  if (!holds(Math.exp(high))) return none;
  if (holds(Math.exp(low))) return 0;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/** The smallest n at which x occurrences prove a rate below `limit`, looked at as often as one likes. */
export function smallestSequential(limit: number, x: number): number {
  const proves = (n: number): boolean => evidenceBelow(x, n, limit) >= GO_EVIDENCE;
  let high = Math.max(x + 1, Math.ceil(3 / limit));
  while (!proves(high)) high *= 2;
  let low = x;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
}
