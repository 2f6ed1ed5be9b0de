import type { ResolvedCapacity } from "../../gates/config.ts";
import type { CapacityResult, LoadRequest, RunWriter } from "../../gates/evidence/index.ts";
import { type DriveOptions, prepareDrive } from "../engine/drive.ts";
import { round } from "../engine/health.ts";
import type { Phase } from "../plan.ts";
import type { Variables } from "../scenario/template.ts";
import { next, recoveryOf } from "./search.ts";

type Step = CapacityResult["steps"][number];
type Given = Omit<DriveOptions, "phases" | "evidence" | "onProgress" | "worlds" | "firstUser" | "budget">;

/** Measures one target of a search, a replicate at a time, so that targets can take turns. */
export class CapacityOf {
  readonly #given: Given;
  readonly #search: ResolvedCapacity;
  readonly #writer: Pick<RunWriter, "append" | "runId">;
  readonly #latenessP99Ms: number;
  #worlds: readonly Variables[] | undefined;
  #users = 0;
  #lastFound: number | undefined;

  constructor(
    given: Given,
    search: ResolvedCapacity,
    writer: Pick<RunWriter, "append" | "runId">,
    latenessP99Ms: number,
  ) {
    this.#given = given;
    this.#search = search;
    this.#writer = writer;
    this.#latenessP99Ms = latenessP99Ms;
  }

  /** One search from the beginning. It starts from half of what the one before found, to spare the way. */
  async search(replicate: number): Promise<void> {
    const at = new Date().toISOString();
    const start = this.#lastFound === undefined ? this.#search.start : this.#lastFound / 2;
    const steps: Step[] = [];
    let untrusted = 0;
    for (;;) {
      const todo = next(
        { start, most: this.#search.most },
        steps.filter(({ trusted }) => trusted),
      );
      if (todo.kind === "end") {
        const { kind: _, ...end } = todo;
        this.#lastFound = todo.rate ?? undefined;
        return this.#write({ kind: "capacity", replicate, at, ...end, steps });
      }
      const { step } = await this.#hold(
        [{ name: "step", rate: todo.rate, seconds: this.#search.stepSeconds }],
        true,
      );
      if (this.#given.signal.aborted) return;
      steps.push(step);
      untrusted = step.trusted ? 0 : untrusted + 1;
      // Once may be chance; twice in a row the generator is at its end, or the machine is.
      if (untrusted === 2)
        return this.#write({ kind: "capacity", replicate, at, ended: "untrusted", rate: null, steps });
    }
  }

  /** A burst over what the last search found, and how long it takes to be back within the objective. */
  async recover(replicate: number): Promise<void> {
    const { recovery, slowShare } = this.#search;
    if (recovery === undefined) return;
    const at = new Date().toISOString();
    const capacity = this.#lastFound ?? this.#search.start;
    const burst = capacity * recovery.factor;
    const phases = [
      { name: "burst", rate: burst, seconds: recovery.seconds },
      { name: "after", rate: capacity / 4, seconds: recovery.within },
    ];
    const { step, requests } = await this.#hold(phases, false);
    if (this.#given.signal.aborted) return;
    const seen = requests.map((one) => ({ dueMs: one.dueMs, bad: this.#isBad(one) }));
    this.#write({
      kind: "recovery",
      replicate,
      at,
      ended: step.trusted ? "found" : "untrusted",
      rate: burst,
      recoveryMs: recoveryOf(seen, recovery.seconds * 1000, slowShare),
      steps: [{ ...step, rate: burst }],
    });
  }

  /** @param once ends a step as soon as it is lost */
  async #hold(
    phases: readonly Phase[],
    once: boolean,
  ): Promise<{ readonly step: Step; readonly requests: readonly LoadRequest[] }> {
    const requests: LoadRequest[] = [];
    const lost = new AbortController();
    const { slowShare, errorShare } = this.#search;
    let [errors, slow] = [0, 0];
    const take = (request: LoadRequest): void => {
      requests.push(request);
      if (request.outcome !== "ok") errors += 1;
      if (this.#isBad(request)) slow += 1;
      if (once && (slow > slowShare * planned || errors > errorShare * planned)) lost.abort();
    };
    const load = await prepareDrive({
      ...this.#given,
      phases,
      budget: Number.POSITIVE_INFINITY,
      signal: AbortSignal.any([this.#given.signal, lost.signal]),
      evidence: {
        runId: this.#writer.runId,
        // Of a search the steps are the evidence, not each request.
        append: () => undefined,
        compact: () => ({ append: () => undefined }),
      },
      requests: { add: take },
      onProgress: () => undefined,
      firstUser: this.#users,
      ...(this.#worlds && { worlds: this.#worlds }),
    });
    this.#worlds = load.worlds;
    this.#users += load.arrivals;
    const planned = load.requests;
    const { due } = await load.run(performance.now());
    const latencies = requests.map(({ dueMs, doneMs }) => doneMs - dueMs).sort((a, b) => a - b);
    const late = requests.map(({ dueMs, sentMs }) => sentMs - dueMs).sort((a, b) => a - b);
    const at = (sorted: readonly number[], share: number): number | undefined =>
      sorted[Math.ceil(sorted.length * share) - 1];
    const [p50Ms, p99Ms] = [at(latencies, 0.5), at(latencies, 0.99)];
    const step: Step = {
      rate: phases[0]?.rate ?? 0,
      seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
      planned,
      sent: requests.length,
      errors,
      throttled: requests.filter(({ outcome, reply }) => outcome === "throttled" || reply === 503).length,
      slow,
      cold: requests.filter(({ cold }) => cold === true).length,
      ...(p50Ms !== undefined && { p50Ms: round(p50Ms) }),
      ...(p99Ms !== undefined && { p99Ms: round(p99Ms) }),
      held: requests.length > 0 && slow <= slowShare * planned && errors <= errorShare * planned,
      trusted: due > 0 && (at(late, 0.99) ?? Number.POSITIVE_INFINITY) <= this.#latenessP99Ms,
    };
    return { step, requests };
  }

  #isBad({ outcome, dueMs, doneMs }: LoadRequest): boolean {
    return outcome !== "ok" || doneMs - dueMs > this.#search.latencyMs;
  }

  #write(result: Omit<CapacityResult, "target" | "scenario" | "slo">): void {
    const { latencyMs, slowShare, errorShare, scenario } = this.#search;
    this.#writer.append("capacity", {
      target: this.#given.target.name,
      scenario,
      slo: { latencyMs, slowShare, errorShare },
      ...result,
    });
  }
}
