import { monitorEventLoopDelay } from "node:perf_hooks";
import type { GeneratorSample } from "../../gates/evidence/index.ts";

const RESOLUTION_MS = 5;

/** Watches how the generator itself fares: requests that were due against those sent, how late, and its event loop. */
export class Health {
  readonly #target: string;
  readonly #worker: number;
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  /** Told once, with the first sample. */
  #calibration: GeneratorSample["calibration"];
  #sinceMs = 0;
  #cpu = process.threadCpuUsage();
  #planned = 0;
  #lateness: number[] = [];

  constructor(target: string, worker: number, calibration?: GeneratorSample["calibration"]) {
    this.#target = target;
    this.#worker = worker;
    this.#calibration = calibration;
  }

  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#cpu = process.threadCpuUsage();
    this.#loop.enable();
  }

  due(): void {
    this.#planned += 1;
  }

  sent(latenessMs: number): void {
    this.#lateness.push(latenessMs);
  }

  /** What was seen since the last sample. */
  sample(nowMs: number): GeneratorSample {
    const late = this.#lateness.sort((a, b) => a - b);
    const cpu = process.threadCpuUsage(this.#cpu);
    const intervalMs = Math.max(nowMs - this.#sinceMs, 0.001);
    const sample: GeneratorSample = {
      target: this.#target,
      worker: this.#worker,
      atMs: round(Math.max(0, nowMs)),
      intervalMs: round(intervalMs),
      planned: this.#planned,
      sent: late.length,
      latenessP99Ms: round(late[Math.ceil(late.length * 0.99) - 1] ?? 0),
      latenessMaxMs: round(late.at(-1) ?? 0),
      eventLoopP99Ms: delay(this.#loop.percentile(99)),
      eventLoopMaxMs: delay(this.#loop.max),
      cpuShare: round((cpu.user + cpu.system) / 1000 / intervalMs),
      ...(this.#calibration && { calibration: this.#calibration }),
    };
    this.#calibration = undefined;
    this.#sinceMs = nowMs;
    this.#cpu = process.threadCpuUsage();
    this.#planned = 0;
    this.#lateness = [];
    this.#loop.reset();
    return sample;
  }

  close(): void {
    this.#loop.disable();
  }
}

/** The histogram holds the time between two ticks of its own timer, in ns: what is over the timer's is delay. */
const delay = (ns: number): number =>
  // An empty histogram has a nonsensical maximum of 0 and percentile of 0 or more.
  round(Math.max(0, ns / 1e6 - RESOLUTION_MS));

/** Microseconds are finer than any clock here can vouch for. */
export const round = (ms: number): number => Math.round(ms * 1000) / 1000;
