import tCdf from "@stdlib/stats-base-dists-t-cdf";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { CONFIDENCE } from "./binomial.ts";

/** The mean of a few replicates and what is known of its spread. */
interface Arm {
  readonly n: number;
  readonly mean: number;
  /** The squared standard error of the mean. */
  readonly error: number;
}

export interface MeanBounds {
  readonly estimate: number;
  /** One-sided bounds; null with fewer than two replicates. */
  readonly lower: number | null;
  readonly upper: number | null;
}

/**
 * Bounds on mean(a) − mean(b) by Welch's t: neither the variances nor the sizes need be equal. The replicates are
 * whole runs; what is inside a run is not independent.
 * @param floor the least variance believed of one replicate: what was searched in steps cannot be known better
 */
export function welchBounds(
  a: readonly number[],
  b: readonly number[],
  { confidence = CONFIDENCE, floor = 0 }: { readonly confidence?: number; readonly floor?: number } = {},
): MeanBounds {
  const [x, y] = [arm(a, floor), arm(b, floor)];
  return bounds(x.mean - y.mean, x.error + y.error, degrees([x, y]), confidence);
}

/** Bounds on the mean of replicates by Student's t; `floor` as for `welchBounds`. */
export function meanBounds(
  values: readonly number[],
  { confidence = CONFIDENCE, floor = 0 }: { readonly confidence?: number; readonly floor?: number } = {},
): MeanBounds {
  const one = arm(values, floor);
  return bounds(one.mean, one.error, degrees([one]), confidence);
}

/** How probable a difference this small would be, were the true one `limit`: small means proven below it. */
export function belowPValue(values: readonly (readonly number[])[], limit: number, floor = 0): number {
  const arms = values.map((own) => arm(own, floor));
  const [x, y = { n: 0, mean: 0, error: 0 }] = arms;
  const df = degrees(arms);
  if (x === undefined || df === undefined) return 1;
  const distance = x.mean - y.mean - limit;
  const error = Math.sqrt(x.error + y.error);
  return error === 0 ? Number(distance >= 0) : tCdf(distance / error, df);
}

function arm(values: readonly number[], floor: number): Arm {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, error: n < 2 ? Number.NaN : Math.max(squares / (n - 1), floor) / n };
}

/** Welch and Satterthwaite's degrees of freedom; undefined when an arm has fewer than two replicates. */
function degrees(arms: readonly Arm[]): number | undefined {
  if (arms.some(({ n }) => n < 2)) return undefined;
  const total = arms.reduce((sum, { error }) => sum + error, 0);
  const parts = arms.reduce((sum, { n, error }) => sum + error ** 2 / (n - 1), 0);
  return parts === 0 ? Math.min(...arms.map(({ n }) => n - 1)) : total ** 2 / parts;
}

function bounds(estimate: number, error: number, df: number | undefined, confidence: number): MeanBounds {
  if (df === undefined) return { estimate, lower: null, upper: null };
  const half = tQuantile(confidence, df) * Math.sqrt(error);
  return { estimate, lower: estimate - half, upper: estimate + half };
}
