import { artilleryHttp, autocannon, k6, ours, peer, type Result, vegeta } from "./peers.ts";
import { disturbance, type Server, startServer } from "./pinned.ts";

/** One bar: what was wanted of our engine beside a peer, and what was seen. */
export interface Bar {
  readonly name: string;
  /** `untold`: the machine was too busy for any of them. */
  readonly outcome: "held" | "missed" | "skipped" | "untold";
  readonly seen: string;
}

const SECONDS = 3;
/** A longer run is so many times as long. */
const LONG = 3;
/** Throughput and latency are the medians of so many rounds, in each of which all generators take turns. */
const ROUNDS = 3;
/** A generator kept its rate when what it sent came within this much more than the time planned. */
const SLACK = 1.05;

/** With more than this share of a core taken by others, the two cores belong to somebody else as well. */
const QUIET = 0.2;

type Generator = (url: string, rate: number, seconds: number, signal: AbortSignal) => Promise<Result>;

/** Runs all generators beside each other, in rounds, on one server and one core each. */
export async function bench(say: (line: string) => void, signal: AbortSignal): Promise<readonly Bar[]> {
  const fast = await startServer(0);
  const slow = await startServer(20);
  try {
    const { bars, perCore } = await arrivals(fast, say, signal);
    const first = undisturbed(bars);
    const second = undisturbed(await throughput(fast, perCore, say, signal));
    return [...first, ...second, ...undisturbed([await latency(slow, say, signal)])];
  } finally {
    fast.close();
    slow.close();
  }
}

/**
 * The processor time of one request more: what starting, calibrating and compiling cost is not what a request costs,
 * so a run is taken from one that is longer.
 */
async function usPerRequest(generate: (seconds: number) => Promise<Result>, server: Server): Promise<number> {
  const measured = async (seconds: number): Promise<readonly [number, number]> => {
    await server.stats();
    const { cpuSeconds } = await generate(seconds);
    return [cpuSeconds, (await server.stats()).count];
  };
  const [cpu, count] = await measured(SECONDS);
  const [longCpu, longCount] = await measured(LONG * SECONDS);
  return ((longCpu - cpu) / (longCount - count)) * 1e6;
}

/** The highest of `rates` that a generator keeps, and its processor time for a request there. */
async function highestKept(
  name: string,
  generator: Generator,
  server: Server,
  rates: readonly number[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<{ readonly rate: number; readonly usPerRequest: number }> {
  let best = 0;
  for (const rate of rates) {
    await server.stats();
    const { cpuSeconds, lateP99Ms = 0 } = await generator(server.url, rate, SECONDS, signal);
    const { count, spanMs } = await server.stats();
    const kept = count >= rate * SECONDS * 0.995 && spanMs <= SECONDS * 1000 * SLACK && lateP99Ms <= 50;
    say(
      `${name} at ${rate}/s: ${count} in ${Math.round(spanMs)} ms, ${cpuSeconds.toFixed(1)} s of processor time${kept ? "" : " (not kept)"}`,
    );
    if (!kept) break;
    best = rate;
  }
  if (best === 0) return { rate: 0, usPerRequest: Number.NaN };
  const us = await usPerRequest((seconds) => generator(server.url, best, seconds, signal), server);
  say(`${name} at ${best}/s: ${us.toFixed(0)} µs of processor time for one more request`);
  return { rate: best, usPerRequest: us };
}

async function arrivals(
  server: Server,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<{ readonly bars: readonly Bar[]; readonly perCore: number }> {
  const theirs = await highestKept(
    "Artillery http",
    artilleryHttp,
    server,
    [500, 1000, 1500, 2000, 2500],
    say,
    signal,
  );
  const own = await highestKept(
    "our engine",
    ours,
    server,
    [5000, 10_000, 15_000, 20_000, 25_000, 30_000],
    say,
    signal,
  );
  const busy = [theirs, own].find(({ rate }) => rate === 0);
  if (busy !== undefined) {
    const seen = `${busy === own ? "our engine" : "Artillery"} kept not even the lowest rate: this machine is too busy`;
    const bars = ["arrival rate kept", "processor time for a request"].map(
      (name): Bar => ({ name, outcome: "untold", seen }),
    );
    return { bars, perCore: Number.NaN };
  }
  const ratio = own.rate / theirs.rate;
  const cpu = own.usPerRequest / theirs.usPerRequest;
  const bars = [
    bar(
      "arrival rate kept, at least 10 times that of Artillery's http engine",
      ratio >= 10,
      `${own.rate}/s against ${theirs.rate}/s: ${ratio.toFixed(1)} times`,
    ),
    bar(
      "processor time for one more request, at most a tenth",
      cpu <= 0.1,
      `${own.usPerRequest.toFixed(0)} µs against ${theirs.usPerRequest.toFixed(0)} µs: ${cpu.toFixed(3)}`,
    ),
  ];
  return { bars, perCore: 1e6 / own.usPerRequest };
}

/**
 * As fast as each can: closed loops of 50 connections, and our open loop asked for what autocannon managed.
 * @param perCore requests for each second of processor time, where our engine keeps its rate
 */
async function throughput(
  server: Server,
  perCore: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const program = peer("k6", say);
  const toCannon: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await server.stats();
    await autocannon(server.url, LONG * SECONDS, signal);
    const cannon = rateOf(await server.stats());
    await ours(server.url, Math.round(cannon), LONG * SECONDS, signal);
    const own = rateOf(await server.stats());
    toCannon.push(own / cannon);
    say(`round ${round}: autocannon ${Math.round(cannon)}/s, our engine ${Math.round(own)}/s`);
  }
  const ratio = median(toCannon);
  const theirs =
    program === undefined
      ? Number.NaN
      : 1e6 / (await usPerRequest((seconds) => k6(program, server.url, seconds, signal), server));
  return [
    bar(
      "throughput, at least 0.9 of autocannon's",
      ratio >= 0.9,
      `median ${ratio.toFixed(2)} of ${ROUNDS} rounds`,
    ),
    program === undefined
      ? {
          name: "rate per core, at least k6's",
          outcome: "skipped",
          seen: "there is no k6 here, and no Go to build it",
        }
      : bar(
          "requests for each second of processor time, at least k6's",
          perCore >= theirs,
          `${Math.round(perCore)} against ${Math.round(theirs)}`,
        ),
  ];
}

/** What both see of a server that takes 20 ms, at the same rate. */
async function latency(server: Server, say: (line: string) => void, signal: AbortSignal): Promise<Bar> {
  const name = "P50 and P99 on a server of 20 ms, within 10 % or 1 ms of vegeta's";
  const program = peer("vegeta", say);
  if (program === undefined)
    return { name, outcome: "skipped", seen: "there is no vegeta here, and no Go to build it" };
  const gaps: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    const theirs = await vegeta(program, server.url, 500, SECONDS, signal);
    const own = await ours(server.url, 500, SECONDS, signal);
    const gap = (key: "p50Ms" | "p99Ms"): number => {
      const [a, b] = [own[key] ?? 0, theirs[key] ?? 0];
      // 1 is the most that is allowed.
      return Math.abs(a - b) / Math.max(1, b * 0.1);
    };
    gaps.p50.push(gap("p50Ms"));
    gaps.p99.push(gap("p99Ms"));
    say(
      `round ${round}: P50 ${own.p50Ms?.toFixed(2)} against ${theirs.p50Ms?.toFixed(2)} ms, P99 ${own.p99Ms?.toFixed(2)} against ${theirs.p99Ms?.toFixed(2)} ms`,
    );
  }
  const [p50, p99] = [median(gaps.p50), median(gaps.p99)];
  return bar(
    name,
    p50 <= 1 && p99 <= 1,
    `median differences: P50 ${Math.round(p50 * 100)} %, P99 ${Math.round(p99 * 100)} % of what is allowed`,
  );
}

/** Bars that others on the machine had a hand in tell nothing, whichever way they fell. */
function undisturbed(bars: readonly Bar[]): readonly Bar[] {
  const share = disturbance();
  if (share <= QUIET) return bars;
  const why = `other processes took ${Math.round(share * 100)} % of a core meanwhile`;
  return bars.map((one) =>
    one.outcome === "skipped" ? one : { ...one, outcome: "untold", seen: `${one.seen} (${why})` },
  );
}

const rateOf = ({ count, spanMs }: { readonly count: number; readonly spanMs: number }): number =>
  (count / spanMs) * 1000;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const bar = (name: string, held: boolean, seen: string): Bar => ({
  name,
  outcome: held ? "held" : "missed",
  seen,
});
