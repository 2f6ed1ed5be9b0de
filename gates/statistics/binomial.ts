import betaQuantile from "@stdlib/stats-base-dists-beta-quantile";

/** The confidence of every bound Cutover decides by. */
export const CONFIDENCE = 0.95;

/** What is left out of Stirling's formula for log n!, exact for small n and a series beyond. */
function stirlingError(n: number): number {
  if (n > 15) return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / (n * n)) / (n * n)) / (n * n)) / n;
  let logFactorial = 0;
  for (let i = 2; i <= n; i++) logFactorial += Math.log(i);
  return n === 0 ? 0 : logFactorial - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
}

/** x·log(x/m) + m − x without the cancellation that a direct evaluation near x = m suffers. */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** P(X = x) of a binomial(n, p), by saddle-point expansion (C. Loader, 2000): exact to about 14 digits. */
export function binomialPmf(x: number, n: number, p: number): number {
  if (x < 0 || x > n) return 0;
  if (p <= 0) return x === 0 ? 1 : 0;
  if (p >= 1) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * Math.log1p(-p));
  if (x === n) return Math.exp(n * Math.log(p));
  const log =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    deviance(x, n * p) -
    deviance(n - x, n * (1 - p)) +
    0.5 * Math.log(n / (2 * Math.PI * x * (n - x)));
  return Math.exp(log);
}

/** P(X ≤ x) of a binomial(n, p). */
export function binomialCdf(x: number, n: number, p: number): number {
  if (x < 0) return 0;
  if (x >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  // The tail that does not hold the mode is summed, outwards: its terms only shrink.
  return x < n * p ? tail(x, -1, n, p) : 1 - tail(x + 1, 1, n, p);
}

/** P(X ≥ x) of a binomial(n, p). */
export function binomialUpperTail(x: number, n: number, p: number): number {
  if (x <= 0 || p >= 1) return 1;
  if (x > n || p <= 0) return 0;
  return x > n * p ? tail(x, 1, n, p) : 1 - tail(x - 1, -1, n, p);
}

function tail(from: number, step: 1 | -1, n: number, p: number): number {
  let term = binomialPmf(from, n, p);
  let sum = 0;
  for (let k = from; k >= 0 && k <= n; k += step) {
    sum += term;
    if (term < sum * 1e-17) break;
    const odds = p / (1 - p);
    term *= step === 1 ? ((n - k) / (k + 1)) * odds : k / (n - k + 1) / odds;
  }
  return Math.min(1, sum);
}

/**
 * Clopper and Pearson's exact bounds on a rate of which x of n were seen, each one-sided at `confidence`:
 * the true rate is below `upper` with that confidence, and above `lower` with that confidence.
 */
export function clopperPearson(
  x: number,
  n: number,
  confidence = CONFIDENCE,
): { lower: number; upper: number } {
  const alpha = 1 - confidence;
  return {
    lower: x === 0 ? 0 : betaQuantile(alpha, x, n - x + 1),
    upper: x >= n ? 1 : betaQuantile(confidence, x + 1, n - x),
  };
}
