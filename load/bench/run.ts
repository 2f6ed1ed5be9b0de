import { artilleryHttp, autocannon, k6, ours, peer, type Result, vegeta } from "./peers.ts";
import { type Server, startServer } from "./pinned.ts";

/** One bar: what was wanted of our engine beside a peer, and what was seen. */
export interface Bar {
  readonly name: string;
  /** `untold`: the machine was too busy for any of them. */
  readonly outcome: "held" | "missed" | "skipped" | "untold";
  readonly seen: string;
}

const SECONDS = 3;
/** Throughput and latency are the medians of so many rounds, in each of which all generators take turns. */
const ROUNDS = 3;
/** A generator kept its rate when what it sent came within this much more than the time planned. */
const SLACK = 1.05;

type Generator = (url: string, rate: number, seconds: number, signal: AbortSignal) => Promise<Result>;

/** Runs all generators beside each other, in rounds, on one server and one core each. */
export async function bench(say: (line: string) => void, signal: AbortSignal): Promise<readonly Bar[]> {
  const fast = await startServer(0);
  const slow = await startServer(20);
  try {
    return [
      ...(await arrivals(fast, say, signal)),
      ...(await throughput(fast, say, signal)),
      await latency(slow, say, signal),
    ];
  } finally {
    fast.close();
    slow.close();
  }
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
  // What starting costs is not what a request costs: both start Artillery, which takes seconds of a core.
  const startUp = (await generator(server.url, 1, 1, signal)).cpuSeconds;
  let best = { rate: 0, usPerRequest: Number.NaN };
  for (const rate of rates) {
    await server.stats();
    const { cpuSeconds, lateP99Ms = 0 } = await generator(server.url, rate, SECONDS, signal);
    const { count, spanMs } = await server.stats();
    const kept = count >= rate * SECONDS * 0.995 && spanMs <= SECONDS * 1000 * SLACK && lateP99Ms <= 50;
    say(
      `${name} at ${rate}/s: ${count} in ${Math.round(spanMs)} ms, ${cpuSeconds.toFixed(1)} s of processor time${kept ? "" : " (not kept)"}`,
    );
    if (!kept) break;
    best = { rate, usPerRequest: ((cpuSeconds - startUp) / count) * 1e6 };
  }
  return best;
}

async function arrivals(
  server: Server,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
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
    return ["arrival rate kept", "processor time for a request"].map((name) => ({
      name,
      outcome: "untold",
      seen,
    }));
  }
  const ratio = own.rate / theirs.rate;
  const cpu = own.usPerRequest / theirs.usPerRequest;
  return [
    bar(
      "arrival rate kept, at least 10 times that of Artillery's http engine",
      ratio >= 10,
      `${own.rate}/s against ${theirs.rate}/s: ${ratio.toFixed(1)} times`,
    ),
    bar(
      "processor time for a request, at most a tenth, without start-up",
      cpu <= 0.1,
      `${own.usPerRequest.toFixed(0)} µs against ${theirs.usPerRequest.toFixed(0)} µs: ${cpu.toFixed(3)}`,
    ),
  ];
}

/** As fast as each can: closed loops of 50 connections, and our open loop asked for what autocannon managed. */
async function throughput(
  server: Server,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const program = peer("k6", say);
  const toCannon: number[] = [];
  const perCore: { ours: number[]; k6: number[] } = { ours: [], k6: [] };
  const startUp = (await ours(server.url, 1, 1, signal)).cpuSeconds;
  for (let round = 1; round <= ROUNDS; round++) {
    await server.stats();
    await autocannon(server.url, SECONDS, signal);
    const cannon = rateOf(await server.stats());
    const cpuSeconds = (await ours(server.url, Math.round(cannon), SECONDS, signal)).cpuSeconds - startUp;
    const seen = await server.stats();
    toCannon.push(rateOf(seen) / cannon);
    perCore.ours.push(seen.count / cpuSeconds);
    say(
      `round ${round}: autocannon ${Math.round(cannon)}/s, our engine ${Math.round(rateOf(seen))}/s, ${Math.round(seen.count / cpuSeconds)}/s per core`,
    );
    if (program === undefined) continue;
    const other = await k6(program, server.url, SECONDS, signal);
    const { count } = await server.stats();
    perCore.k6.push(count / other.cpuSeconds);
    say(`round ${round}: k6 ${Math.round(count / other.cpuSeconds)}/s per core`);
  }
  const ratio = median(toCannon);
  const [own, theirs] = [median(perCore.ours), median(perCore.k6)];
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
          "rate per core without start-up, at least k6's",
          own >= theirs,
          `${Math.round(own)}/s against ${Math.round(theirs)}/s`,
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

const rateOf = ({ count, spanMs }: { readonly count: number; readonly spanMs: number }): number =>
  (count / spanMs) * 1000;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const bar = (name: string, held: boolean, seen: string): Bar => ({
  name,
  outcome: held ? "held" : "missed",
  seen,
});
