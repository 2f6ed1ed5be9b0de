import type { LoadHistogram, LoadRequest, RunWriter } from "../../gates/evidence/index.ts";
import { Counter } from "../../gates/statistics/histogram.ts";
import type { RequestWriter } from "./recorder.ts";

interface Counts
  extends Pick<LoadHistogram, "target" | "worker" | "endpoint" | "phase" | "reply" | "outcome"> {
  count: number;
  readonly latency: Counter;
  readonly lateness: Counter;
}

/**
 * Counts the requests of a load in which there are too many to keep each: by how they ended, in histograms of which
 * one of each kind is written every second, so that a kill takes no more than that with it.
 */
export class Histograms implements RequestWriter {
  readonly #evidence: Pick<RunWriter, "append">;
  #counts = new Map<string, Counts>();
  #seq = 0;

  constructor(evidence: Pick<RunWriter, "append">) {
    this.#evidence = evidence;
  }

  add({ target, worker, endpoint, phase, reply, outcome, dueMs, sentMs, doneMs }: LoadRequest): void {
    const key = `${endpoint}\n${phase}\n${reply}\n${outcome}`;
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      const about = { target, endpoint, phase, reply, outcome, ...(worker !== undefined && { worker }) };
      counts = { ...about, count: 0, latency: new Counter(), lateness: new Counter() };
      this.#counts.set(key, counts);
    }
    counts.count += 1;
    counts.latency.add(doneMs - dueMs);
    counts.lateness.add(sentMs - dueMs);
  }

  report(): void {
    const all = [...this.#counts.values()];
    this.#counts = new Map();
    for (const { latency, lateness, ...about } of all) {
      this.#evidence.append("histograms", {
        ...about,
        seq: this.#seq,
        latency: [...latency.buckets].flat(),
        lateness: [...lateness.buckets].flat(),
      });
      this.#seq += 1;
    }
  }
}
