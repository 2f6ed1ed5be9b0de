import type { ColdStart, ContractResult, RunRecord } from "../gates/evidence/index.ts";
import type { LoadSample } from "../gates/load-sample.ts";
import { Binned } from "../gates/statistics/histogram.ts";
import {
  quantile,
  quantileBounds,
  type Ranked,
  type SortedMs,
  sortMs,
} from "../gates/statistics/quantiles.ts";

/** Numbers that reports derive from the record. Nothing here decides anything; gates do. */

/** What became of one planned contract test on one target. `missing`: planned, but it left no result. */
export interface ContractCell {
  readonly id: string;
  readonly operationId: string;
  readonly target: string;
  readonly outcome: ContractResult["outcome"] | "missing";
  readonly result?: ContractResult;
}

/** Every planned test × target that has a contract stage, in the order of the plan, and results nobody planned. */
export function contractCells(record: RunRecord): readonly ContractCell[] {
  const tested = new Set([
    ...record.file.stages.filter((stage) => stage.name === "contracts").map((stage) => stage.target),
    ...record.contracts.map((result) => result.target),
  ]);
  const plan = new Map((record.file.contractPlan?.cases ?? []).map((one) => [one.id, one.operationId]));
  for (const result of record.contracts) if (!plan.has(result.id)) plan.set(result.id, result.operationId);
  return [...plan].flatMap(([id, operationId]) =>
    [...tested].map((target): ContractCell => {
      const result = record.contracts.find((one) => one.id === id && one.target === target);
      return { id, operationId, target, outcome: result?.outcome ?? "missing", ...(result && { result }) };
    }),
  );
}

export interface Latency {
  readonly n: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** One-sided 95 % bounds on the P99; null where the samples give none. */
  readonly p99Lower: number | null;
  readonly p99Upper: number | null;
  readonly sorted: Ranked;
}

/** Latencies of requests, each from when it was due to its last byte. */
export function latencyOf(requests: LoadSample): Latency {
  const sorted = requests.waits();
  const { lower, upper } = quantileBounds(sorted, 0.99);
  return {
    n: requests.n,
    errors: requests.only((request) => request.outcome !== "ok").n,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    p99Lower: lower,
    p99Upper: upper,
    sorted,
  };
}

/** As many latencies as a picture shows: all of them where each is known, else at even ranks. */
export function shownOf(sorted: Ranked): SortedMs {
  if (!(sorted instanceof Binned)) return sorted;
  const count = Math.min(sorted.length, SHOWN);
  return sortMs(Array.from({ length: count }, (_, i) => quantile(sorted, (i + 1) / count) ?? 0));
}

const SHOWN = 2_000;

/** Groups that appear in the order of their first member. */
export function groups<T>(
  items: readonly T[],
  key: (item: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(items, key)];
}

/** Errors by kind and what came in place of the expected reply, most frequent first. */
export function errorKinds(
  requests: LoadSample,
): readonly { readonly outcome: string; readonly reply: string; readonly count: number }[] {
  const errors = requests.only((request) => request.outcome !== "ok");
  return [...errors.tally(({ outcome, reply }) => `${outcome}\n${reply}`)]
    .map(([kind, count]) => {
      const [outcome = "", reply = ""] = kind.split("\n");
      return { outcome, reply, count };
    })
    .sort((a, b) => b.count - a.count);
}

export interface ColdStartFigures {
  readonly name: string;
  readonly n: number;
  readonly cold: number;
  /** Samples that were not cold, by classification. */
  readonly others: readonly string[];
  readonly client: SortedMs;
  readonly init: SortedMs;
}

/** Cold starts of one target, for each population and function. */
export function coldStartFigures(samples: readonly ColdStart[]): readonly ColdStartFigures[] {
  return groups(samples, (sample) => sample.function).map(([name, own]) => {
    const cold = own.filter((sample) => sample.classification === "cold");
    const others = own.filter((sample) => sample.classification !== "cold");
    return {
      name,
      n: own.length,
      cold: cold.length,
      others: groups(others, (sample) => sample.classification).map(
        ([kind, some]) => `${some.length} ${kind}`,
      ),
      client: sortMs(cold.map((sample) => sample.clientMs)),
      init: sortMs(cold.flatMap((sample) => sample.initMs ?? [])),
    };
  });
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts in `bins` intervals of equal width from 0 to `most`; what is above goes into the last. */
export function histogram(values: Iterable<number>, most: number, bins: number): readonly Bin[] {
  const width = most / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const index = Math.min(bins - 1, Math.max(0, Math.floor(value / width)));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count, index) => ({ from: index * width, to: (index + 1) * width, count }));
}

/** The next round number of at least `value`: 1, 2, 2.5 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** Documented cells as rows of operations and columns of statuses. */
export interface Coverage {
  readonly statuses: readonly string[];
  readonly rows: readonly {
    readonly operation: string;
    readonly cells: readonly { readonly status: string; readonly state: CellState; readonly note: string }[];
  }[];
  readonly seen: number;
  readonly exempt: number;
  readonly unseen: number;
}

/** `none`: not documented; `unseen`: documented, not exempt, and missed on a target. */
export type CellState = "seen" | "exempt" | "unseen" | "none";

export function coverage(record: RunRecord): Coverage | undefined {
  const plan = record.file.contractPlan;
  if (!plan) return undefined;
  const targets = [...new Set(contractCells(record).map((cell) => cell.target))];
  const seen = new Map(
    targets.map((target) => [
      target,
      new Set(
        record.contracts.filter((result) => result.target === target).flatMap((result) => result.cells),
      ),
    ]),
  );
  const exempt = new Map(plan.exempt.map((exemption) => [exemption.cell, exemption.reason]));
  const documented = new Set(plan.cells);
  const split = (cell: string): readonly [string, string] => {
    const at = cell.lastIndexOf(" ");
    return [cell.slice(0, at), cell.slice(at + 1)];
  };
  const statuses = [...new Set(plan.cells.map((cell) => split(cell)[1]))].sort();
  const operations = [...new Set(plan.cells.map((cell) => split(cell)[0]))];
  const rows = operations.map((operation) => ({
    operation,
    cells: statuses.map((status) => {
      const cell = `${operation} ${status}`;
      if (!documented.has(cell)) return { status, state: "none", note: "" } as const;
      const missed = targets.filter((target) => !seen.get(target)?.has(cell));
      if (missed.length === 0) return { status, state: "seen", note: "seen on every target" } as const;
      const reason = exempt.get(cell);
      if (reason !== undefined) return { status, state: "exempt", note: `exempt: ${reason}` } as const;
      return { status, state: "unseen", note: `not seen on ${missed.join(", ")}` } as const;
    }),
  }));
  const count = (state: CellState): number =>
    rows.flatMap((row) => row.cells).filter((cell) => cell.state === state).length;
  return { statuses, rows, seen: count("seen"), exempt: count("exempt"), unseen: count("unseen") };
}

/** The command that repeats the run with the same seed. */
export function repeatCommand(record: RunRecord): string {
  const { command, seed } = record.file;
  if (/--seed\b/.test(command)) return command;
  return `CUTOVER_SEED=${seed} ${command}`;
}

/** A duration between two instants in words: "2 min 5 s". */
export function elapsed(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
