import type { ResolvedConfig, ResolvedLoad } from "../../gates/config.ts";
import type { GateSpec, RunOwner, StageName } from "../../gates/evidence/index.ts";
import { Interrupted } from "../../gates/exit.ts";
import { plannedReplicates, runCapacity } from "../../load/capacity/run.ts";
import { probeColdStarts } from "../../load/cold-starts.ts";
import { planLoad } from "../../load/plan.ts";
import { runLoad } from "../../load/run.ts";
import { planContracts } from "../../suites/contract/plan.ts";
import { runContracts } from "../../suites/contract/run.ts";
import { endEarly, watchLoad } from "./early.ts";
import { type PactWanted, pact } from "./pact.ts";
import { parityOf } from "./parity.ts";
import { progress } from "./progress.ts";
import type { RunningTarget } from "./targets.ts";
import { traceLoad } from "./traces.ts";

export interface StageContext {
  readonly run: RunOwner;
  readonly config: ResolvedConfig;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Only these contract cases. */
  readonly cases?: readonly string[];
  /** What is asked of the pacts. */
  readonly pact?: PactWanted;
}

/** One step of a verification: what it observes, of which targets, and the gates that its evidence feeds. */
export interface StageKind {
  readonly name: StageName;
  readonly feeds: readonly GateSpec["gate"][];
  appliesTo(target: Pick<RunningTarget, "role" | "lambda" | "bundled">, config: ResolvedConfig): boolean;
  /** Records it will leave for a target, as far as it is known before it begins. */
  planned(
    config: ResolvedConfig,
    target: Pick<RunningTarget, "name" | "role">,
    cases?: readonly string[],
  ): number;
  run(context: StageContext, targets: readonly RunningTarget[]): Promise<void>;
}

const contracts: StageKind = {
  name: "contracts",
  feeds: ["contracts"],
  appliesTo: () => true,
  planned: (config, _, cases) => planContracts(config.specs, cases).cases.length,
  async run({ run, config, signal, say, cases }, targets) {
    const plan = planContracts(config.specs, cases);
    run.setContractPlan(plan);
    say(`\nContract tests: ${plan.cases.length} on ${targets.map((target) => target.name).join(" and ")}`);
    for (const target of targets) run.beginStage("contracts", target.name, plan.cases.length);
    run.flush();
    const { finished } = await runContracts({
      targets,
      specs: config.specs,
      runDir: run.dir,
      seed: config.seed,
      secrets: config.secrets,
      signal,
      ...(cases && { cases }),
    });
    for (const target of targets) {
      const count = finished[target.name] ?? 0;
      run.endStage("contracts", target.name, {
        finished: count,
        status: count === plan.cases.length ? "done" : "failed",
      });
    }
    if (signal.aborted) throw new Interrupted();
  },
};

const parity: StageKind = {
  name: "parity",
  feeds: ["parity"],
  appliesTo: ({ role }, config) => role === "candidate" && config.parity !== undefined,
  planned: (config) => config.parity?.sequences ?? 0,
  async run({ run, config, signal, say }, targets) {
    const baseline = targets.find(({ role }) => role === "baseline");
    for (const candidate of targets.filter(({ role }) => role === "candidate")) {
      if (config.parity === undefined || baseline === undefined) return;
      say(`\nParity of ${candidate.name} with ${baseline.name}`);
      run.beginStage("parity", candidate.name, config.parity.sequences ?? 0);
      const { recorded } = await parityOf({ run, config, signal, baseline, candidate, say }).catch(
        failed(run, "parity", candidate.name),
      );
      run.beginStage("parity", candidate.name, recorded);
      run.endStage("parity", candidate.name, { finished: recorded, status: "done" });
      if (signal.aborted) throw new Interrupted();
    }
  },
};

const load: StageKind = {
  name: "load",
  feeds: ["generator", "errorRate", "latency.p95", "latency.p99", "throttleRate", "correctnessUnderLoad"],
  appliesTo: (_, config) => config.load !== undefined,
  planned: (config, target) => (config.load ? planLoad(loadOn(target, config, config.load)).requests : 0),
  async run({ run, config, signal, say }, targets) {
    if (!config.load) return;
    // One after the other, unless they are to be compared: then what slows the machine has to slow both.
    for (const together of config.load.paired ? [targets] : targets.map((target) => [target])) {
      const [first] = together;
      if (first === undefined) return;
      const names = together.map(({ name }) => name).join(" and ");
      const wanted = loadOn(first, config, config.load);
      const { requests } = planLoad(wanted);
      say(`\nLoad on ${names}: scenario ${config.load.scenario}, about ${requests} requests each`);
      for (const { name } of together) run.beginStage("load", name, requests);
      const show = progress(`load ${names}`);
      const from = Date.now();
      const watches = new Map(
        together.map((target) => [target.name, watchLoad(config.profile.gates, target)]),
      );
      await during(signal, () =>
        runLoad({
          ...wanted,
          targets: together,
          runDir: run.dir,
          seed: config.seed,
          secrets: config.secrets,
          signal: AbortSignal.any([signal, ...[...watches.values()].map((watch) => watch.signal)]),
          onProgress: ({ sent, planned, errors, phase, of }) => {
            show(sent, planned, `phase ${phase}, ${errors} errors`);
            watches.get(of.target)?.seen(of);
          },
        }),
      ).then(
        (results) => {
          for (const { target, planned, finished } of results) {
            run.beginStage("load", target, planned);
            run.endStage("load", target, { finished, status: finished === planned ? "done" : "failed" });
          }
        },
        (error) =>
          endEarly(error, run, watches, signal, say) ||
          failed(run, "load", ...together.map(({ name }) => name))(error),
      );
      for (const target of together) await traceLoad(run, target, from, say);
    }
  },
};

/**
 * The load on a target: as many requests as the gates on it need. Where a baseline is only compared with, what the
 * phases bring has to do.
 */
function loadOn(
  { name, role }: Pick<RunningTarget, "name" | "role">,
  { targets, profile, sizedByHand }: ResolvedConfig,
  load: ResolvedLoad,
): ResolvedLoad {
  const compared =
    role === "baseline" &&
    targets.some((target) => target.role === "candidate") &&
    !profile.gates.some(({ target }) => target === name);
  return compared && !load.paired && !sizedByHand ? { ...load, requests: 0 } : load;
}

const coldStarts: StageKind = {
  name: "cold-starts",
  feeds: ["coldStart.p99"],
  appliesTo: (target, config) =>
    config.coldStart !== undefined && (target.lambda !== undefined || target.bundled === "serverless"),
  planned: ({ coldStart }) =>
    coldStart ? coldStart.samples + (coldStart.burst ? coldStart.burst.size * coldStart.burst.times : 0) : 0,
  async run({ run, config, signal, say }, targets) {
    if (!config.coldStart) return;
    const { samples, burst } = config.coldStart;
    for (const target of targets) {
      if (!target.lambda) continue;
      const planned = coldStarts.planned(config, target);
      say(
        `\nCold starts of ${target.name}: ${samples} samples over ${target.lambda.functions.length} functions, one at a time${burst ? `, then ${burst.times} bursts of ${burst.size}` : ""}`,
      );
      run.beginStage("cold-starts", target.name, planned);
      const show = progress(`cold starts ${target.name}`);
      await during(signal, () =>
        probeColdStarts({
          target: target.name,
          lambda: target.lambda as NonNullable<typeof target.lambda>,
          env: target.aws,
          samples,
          ...(burst && { burst }),
          runDir: run.dir,
          seed: config.seed,
          secrets: config.secrets,
          signal,
          onProgress: (done, planned) => show(done, planned, ""),
        }),
      ).then(
        ({ finished }) =>
          run.endStage("cold-starts", target.name, {
            finished,
            status: finished === planned ? "done" : "failed",
          }),
        failed(run, "cold-starts", target.name),
      );
    }
  },
};

const capacity: StageKind = {
  name: "capacity",
  feeds: ["capacity.ratio", "capacity.absolute", "recoveryTime"],
  appliesTo: (_, config) => config.capacity !== undefined,
  planned: ({ capacity: search }) => (search ? plannedReplicates(search) : 0),
  async run({ run, config, signal, say }, targets) {
    const search = config.capacity;
    if (!search) return;
    const names = targets.map(({ name }) => name);
    say(`\nBurst capacity of ${names.join(" and ")}, in turns: ${search.replicates} searches each`);
    for (const name of names) run.beginStage("capacity", name, plannedReplicates(search));
    const show = progress(`capacity ${names.join(" and ")}`);
    await during(signal, () =>
      runCapacity({
        search,
        targets,
        latenessP99Ms: config.profile.generator.latenessP99Ms,
        timeoutMs: Math.max(2 * search.latencyMs, 2_000),
        runDir: run.dir,
        specs: config.specs,
        seed: config.seed,
        secrets: config.secrets,
        signal,
        onProgress: (done) => show(done, search.replicates, "searches"),
      }),
    ).then(
      (results) => {
        for (const { target, planned, finished } of results)
          run.endStage("capacity", target, { finished, status: finished === planned ? "done" : "failed" });
      },
      failed(run, "capacity", ...names),
    );
  },
};

/** All stages, in the order they run: what must hold at all comes before what it costs. */
export const stages: readonly StageKind[] = [contracts, pact, parity, load, coldStarts, capacity];

/** Records that a stage failed before the error goes on. */
function failed(run: RunOwner, name: StageName, ...targets: readonly string[]): (error: unknown) => never {
  return (error) => {
    const why = (error as Error).message.split("\n")[0] ?? "";
    for (const target of targets) run.endStage(name, target, { finished: 0, status: "failed", why });
    throw error;
  };
}

async function during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new Interrupted();
  const result = await work();
  if (signal.aborted) throw new Interrupted();
  return result;
}
