import { arrivalsOf, type Phase } from "../plan.ts";
import { randomFrom } from "../random.ts";

/** When users arrive, in ms since the load began, and which phase a moment belongs to. */
export interface Schedule {
  readonly arrivals: Float64Array;
  readonly endMs: number;
  phaseAt(ms: number): string;
}

/** Which of all users a worker takes: those whose number leaves `index` when divided by `of`. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * Absolute times: a user who is late makes nobody else late. Every worker computes the same schedule and takes its
 * share of it, so that all together send exactly the whole.
 * @param seed makes Poisson arrivals the same for all workers and targets
 */
export function scheduleOf(phases: readonly Phase[], seed = 0, share: Share = { index: 0, of: 1 }): Schedule {
  const of = phases.reduce((sum, phase) => sum + arrivalsOf(phase), 0);
  const arrivals = new Float64Array(Math.max(0, Math.ceil((of - share.index) / share.of)));
  const ends: { readonly name: string; readonly endMs: number }[] = [];
  const random = randomFrom(seed);
  let startMs = 0;
  let user = 0;
  for (const phase of phases) {
    for (const ms of timesIn(phase, random)) {
      if (user % share.of === share.index) arrivals[Math.floor(user / share.of)] = startMs + ms;
      user += 1;
    }
    startMs += phase.seconds * 1000;
    ends.push({ name: phase.name, endMs: startMs });
  }
  return {
    arrivals,
    endMs: startMs,
    phaseAt: (ms) => (ends.find((phase) => ms < phase.endMs) ?? ends.at(-1))?.name ?? "",
  };
}

/** The arrivals of one phase, in ms since it began. */
function timesIn(phase: Phase, random: () => number): Float64Array {
  const count = arrivalsOf(phase);
  const timeOf = phase.trace ? traced(phase.trace, phase.seconds) : ramped(phase);
  // A Poisson process of which the number of arrivals is known: as many independent times, in order.
  if (phase.arrivals === "poisson") {
    return filled(count, () => timeOf(random())).sort();
  }
  // The usual case without a detour, so that its times are exact.
  const even = phase.trace === undefined && phase.to === undefined;
  return filled(count, (i) => (even ? (i * 1000) / phase.rate : timeOf(i / count)));
}

function filled(count: number, time: (index: number) => number): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) times[i] = time(i);
  return times;
}

/** The time by which a share of a phase's arrivals has come, where the rate goes from `rate` to `to` in a line. */
function ramped({ rate, to = rate, seconds }: Phase): (share: number) => number {
  const first = rate;
  const slope = to - rate;
  if (slope === 0) return (share) => share * seconds * 1000;
  // The integral of the rate up to a share s of the phase is first s + slope s²/2; all of it is (first + to)/2.
  const mean = (first + to) / 2;
  return (share) => ((Math.sqrt(first * first + 2 * slope * mean * share) - first) / slope) * seconds * 1000;
}

/** The same, where the rate follows a trace: arrivals counted in slices of equal length, such as requests a minute. */
function traced(counts: readonly number[], seconds: number): (share: number) => number {
  const sums: number[] = [];
  for (const count of counts) sums.push((sums.at(-1) ?? 0) + count);
  const sum = sums.at(-1) ?? 0;
  const sliceMs = (seconds * 1000) / counts.length;
  return (share) => {
    const wanted = share * sum;
    const slice = sums.findIndex((end) => wanted < end);
    const at = slice < 0 ? counts.length - 1 : slice;
    const before = (sums[at] ?? 0) - (counts[at] ?? 0);
    return (at + (wanted - before) / (counts[at] || 1)) * sliceMs;
  };
}
