import { randomFrom, shuffled } from "../random.ts";

export interface WeightedFunction {
  readonly name: string;
  readonly weight: number;
}

/**
 * Which function each sample takes: as many of each as its weight says, at least one, in random order, so that
 * no function's samples lie together in time.
 */
export function sampleOrder(
  functions: readonly WeightedFunction[],
  samples: number,
  seed: number,
): readonly string[] {
  const names = shares(functions, samples).flatMap(({ name, count }) => Array<string>(count).fill(name));
  return shuffled(names, randomFrom(seed));
}

/** Which function each burst takes: by weight, in random order; with fewer bursts than functions not all have one. */
export function burstOrder(
  functions: readonly WeightedFunction[],
  bursts: number,
  seed: number,
): readonly string[] {
  if (bursts === 0) return [];
  const least = functions.filter((one) => one.weight > 0).length;
  return sampleOrder(functions, Math.max(bursts, least), seed + 1).slice(0, bursts);
}

/** Whole shares that add up to `samples`: one each, the rest by largest remainder. */
function shares(
  functions: readonly WeightedFunction[],
  samples: number,
): readonly { readonly name: string; readonly count: number }[] {
  const weighted = functions.filter((one) => one.weight > 0);
  const total = weighted.reduce((sum, one) => sum + one.weight, 0);
  const ideal = weighted.map(({ name, weight }) => ({ name, share: (samples * weight) / total }));
  const counts = new Map(ideal.map(({ name, share }) => [name, Math.max(1, Math.floor(share))]));
  const given = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const change = (name: string, by: number): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  const lacking = ({ name, share }: (typeof ideal)[number]): number => share - (counts.get(name) ?? 0);
  while (given() < samples) change(ideal.reduce((a, b) => (lacking(b) > lacking(a) ? b : a)).name, 1);
  while (given() > samples && [...counts.values()].some((count) => count > 1)) {
    const most = ideal.filter(({ name }) => (counts.get(name) ?? 0) > 1);
    change(most.reduce((a, b) => (lacking(b) < lacking(a) ? b : a)).name, -1);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}
