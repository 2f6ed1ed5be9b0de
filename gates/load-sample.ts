import { isComplete } from "./definitions/kind.ts";
import type { LoadHistogram, LoadRequest, RunRecord } from "./evidence/index.ts";
import { Binned, edgesOf } from "./statistics/histogram.ts";
import { type Ranked, sortMs } from "./statistics/quantiles.ts";

/** How a request ended, which is all that most gates ask. */
export type Ending = Pick<LoadRequest, "endpoint" | "phase" | "reply" | "outcome">;

/** Requests of one target, each of them known, or counted by how they ended. */
export interface LoadSample {
  readonly n: number;
  only(keep: (one: Ending) => boolean): LoadSample;
  /** How many there are of each name. */
  tally(name: (one: Ending) => string): ReadonlyMap<string, number>;
  /** From when each was due to its last byte; of those that were never answered, infinite. */
  waits(neverAnswered?: (one: Ending) => boolean): Ranked;
  /** From when each was due until it left. */
  lateness(): Ranked;
  /** From when each left to its last byte, on average; of those that are only counted, from when it was due. */
  meanServiceMs(): number;
  /** Workers of which records are missing or there twice. */
  incomplete(): readonly number[];
}

/** Every gate on the load asks for the same: records do not change. */
const samples = new WeakMap<RunRecord, Map<string, LoadSample>>();

/** What a run knows of the load on a target. */
export function sampleOf(record: RunRecord, target: string): LoadSample {
  const known = samples.get(record) ?? new Map<string, LoadSample>();
  samples.set(record, known);
  let sample = known.get(target);
  if (sample === undefined) {
    const counted = record.histograms.filter((one) => one.target === target);
    sample =
      counted.length > 0
        ? new Counted(counted)
        : new Known(record.requests.filter((one) => one.target === target));
    known.set(target, sample);
  }
  return sample;
}

/** Requests that are known one by one. */
export function sampleFrom(requests: readonly LoadRequest[]): LoadSample {
  return new Known(requests);
}

/** The targets that a run knows of any load on. */
export function loadedTargets(record: RunRecord): readonly string[] {
  return [...new Set([...record.requests, ...record.histograms].map(({ target }) => target))];
}

class Known implements LoadSample {
  readonly #requests: readonly LoadRequest[];
  #lateness: Ranked | undefined;
  #incomplete: readonly number[] | undefined;

  constructor(requests: readonly LoadRequest[]) {
    this.#requests = requests;
  }

  get n(): number {
    return this.#requests.length;
  }

  only(keep: (one: Ending) => boolean): LoadSample {
    return new Known(this.#requests.filter(keep));
  }

  tally(name: (one: Ending) => string): ReadonlyMap<string, number> {
    return sums(this.#requests, name, () => 1);
  }

  waits(neverAnswered: (one: Ending) => boolean = () => false): Ranked {
    return sortMs(
      this.#requests.map((one) => (neverAnswered(one) ? Number.POSITIVE_INFINITY : one.doneMs - one.dueMs)),
    );
  }

  lateness(): Ranked {
    this.#lateness ??= sortMs(this.#requests.map((one) => one.sentMs - one.dueMs));
    return this.#lateness;
  }

  meanServiceMs(): number {
    return this.#requests.reduce((sum, { sentMs, doneMs }) => sum + doneMs - sentMs, 0) / this.n;
  }

  incomplete(): readonly number[] {
    this.#incomplete ??= incompleteOf(this.#requests);
    return this.#incomplete;
  }
}

class Counted implements LoadSample {
  readonly #parts: readonly LoadHistogram[];
  readonly n: number;

  constructor(parts: readonly LoadHistogram[]) {
    this.#parts = parts;
    this.n = countOf(parts);
  }

  only(keep: (one: Ending) => boolean): LoadSample {
    return new Counted(this.#parts.filter(keep));
  }

  tally(name: (one: Ending) => string): ReadonlyMap<string, number> {
    return sums(this.#parts, name, ({ count }) => count);
  }

  waits(neverAnswered: (one: Ending) => boolean = () => false): Ranked {
    const answered = this.#parts.filter((one) => !neverAnswered(one));
    return new Binned(
      answered.map(({ latency }) => pairs(latency)),
      this.n - countOf(answered),
    );
  }

  lateness(): Ranked {
    return new Binned(this.#parts.map(({ lateness }) => pairs(lateness)));
  }

  meanServiceMs(): number {
    let sum = 0;
    for (const { latency } of this.#parts)
      for (const [bucket, count] of pairs(latency)) sum += edgesOf(bucket).low * count;
    return sum / this.n;
  }

  /** A record whose buckets do not hold as many requests as it counts is as good as missing. */
  incomplete(): readonly number[] {
    const damaged = this.#parts.filter((one) =>
      [one.latency, one.lateness].some((list) => new Binned([pairs(list)]).length !== one.count),
    );
    return [...new Set([...incompleteOf(this.#parts), ...damaged.map(({ worker = 0 }) => worker)])];
  }
}

function countOf(parts: readonly LoadHistogram[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

/** A list of buckets and their counts, in turns. */
function pairs(list: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i + 1 < list.length; i += 2) counts.set(list[i] ?? 0, list[i + 1] ?? 0);
  return counts;
}

function sums<T>(
  all: readonly T[],
  name: (one: T) => string,
  count: (one: T) => number,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const one of all) found.set(name(one), (found.get(name(one)) ?? 0) + count(one));
  return found;
}

function incompleteOf(
  records: readonly { readonly worker?: number; readonly seq: number }[],
): readonly number[] {
  const workers = Map.groupBy(records, ({ worker = 0 }) => worker);
  return [...workers].filter(([, own]) => !isComplete(own.map(({ seq }) => seq))).map(([worker]) => worker);
}
