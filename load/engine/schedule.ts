import { arrivalsOf, type Phase } from "../plan.ts";

/** When users arrive, in ms since the load began, and which phase a moment belongs to. */
export interface Schedule {
  readonly arrivals: Float64Array;
  readonly endMs: number;
  phaseAt(ms: number): string;
}

/** Absolute times: a user who is late makes nobody else late. */
export function scheduleOf(phases: readonly Phase[]): Schedule {
  const arrivals: number[] = [];
  const ends: { readonly name: string; readonly endMs: number }[] = [];
  let startMs = 0;
  for (const phase of phases) {
    const count = arrivalsOf(phase);
    for (let i = 0; i < count; i++) arrivals.push(startMs + (i * 1000) / phase.rate);
    startMs += phase.seconds * 1000;
    ends.push({ name: phase.name, endMs: startMs });
  }
  return {
    arrivals: Float64Array.from(arrivals),
    endMs: startMs,
    phaseAt: (ms) => (ends.find((phase) => ms < phase.endMs) ?? ends.at(-1))?.name ?? "",
  };
}
