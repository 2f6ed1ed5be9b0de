import type { ResolvedConfig } from "../../gates/config.ts";
import type { GateSpec, RunOwner, StageName } from "../../gates/evidence/index.ts";
import { Interrupted } from "../../gates/exit.ts";
import { probeColdStarts } from "../../load/cold-starts.ts";
import { planLoad } from "../../load/plan.ts";
import { runLoad } from "../../load/run.ts";
import { planContracts } from "../../suites/contract/plan.ts";
import { runContracts } from "../../suites/contract/run.ts";
import { parityOf } from "./parity.ts";
import { progress } from "./progress.ts";
import type { RunningTarget } from "./targets.ts";

export interface StageContext {
  readonly run: RunOwner;
  readonly config: ResolvedConfig;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Only these contract cases. */
  readonly cases?: readonly string[];
}

/** One step of a verification: what it observes, of which targets, and the gates that its evidence feeds. */
export interface StageKind {
  readonly name: StageName;
  readonly feeds: readonly GateSpec["gate"][];
  appliesTo(target: Pick<RunningTarget, "role" | "lambda" | "bundled">, config: ResolvedConfig): boolean;
  /** Records it will leave for one target, as far as it is known before it begins. */
  planned(config: ResolvedConfig, cases?: readonly string[]): number;
  run(context: StageContext, targets: readonly RunningTarget[]): Promise<void>;
}

const contracts: StageKind = {
  name: "contracts",
  feeds: ["contracts"],
  appliesTo: () => true,
  planned: (config, cases) => planContracts(config.specs, cases).cases.length,
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
  feeds: ["generator", "errorRate"],
  appliesTo: (_, config) => config.load !== undefined,
  planned: (config) => (config.load ? planLoad(config.load).requests : 0),
  async run({ run, config, signal, say }, targets) {
    if (!config.load) return;
    // One after the other: beside each other they would measure how they share this machine.
    for (const target of targets) {
      const { requests } = planLoad(config.load);
      say(`\nLoad on ${target.name}: scenario ${config.load.scenario}, about ${requests} requests`);
      run.beginStage("load", target.name, requests);
      const show = progress(`load ${target.name}`);
      await during(signal, () =>
        runLoad({
          ...(config.load as NonNullable<typeof config.load>),
          target,
          runDir: run.dir,
          specs: config.specs,
          seed: config.seed,
          secrets: config.secrets,
          signal,
          onProgress: ({ sent, planned, errors, phase }) =>
            show(sent, planned, `phase ${phase}, ${errors} errors`),
        }),
      ).then(
        ({ planned, finished }) => {
          run.beginStage("load", target.name, planned);
          run.endStage("load", target.name, { finished, status: finished === planned ? "done" : "failed" });
        },
        failed(run, "load", target.name),
      );
    }
  },
};

const coldStarts: StageKind = {
  name: "cold-starts",
  feeds: ["coldStart.p99"],
  appliesTo: (target, config) =>
    config.coldStart !== undefined && (target.lambda !== undefined || target.bundled === "serverless"),
  planned: (config) => config.coldStart?.samples ?? 0,
  async run({ run, config, signal, say }, targets) {
    if (!config.coldStart) return;
    const { samples } = config.coldStart;
    for (const target of targets) {
      if (!target.lambda) continue;
      say(
        `\nCold starts of ${target.name}: ${samples} samples over ${target.lambda.functions.length} functions, one at a time`,
      );
      run.beginStage("cold-starts", target.name, samples);
      const show = progress(`cold starts ${target.name}`);
      await during(signal, () =>
        probeColdStarts({
          target: target.name,
          lambda: target.lambda as NonNullable<typeof target.lambda>,
          env: target.aws,
          samples,
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
            status: finished === samples ? "done" : "failed",
          }),
        failed(run, "cold-starts", target.name),
      );
    }
  },
};

/** All stages, in the order they run: what must hold at all comes before what it costs. */
export const stages: readonly StageKind[] = [contracts, parity, load, coldStarts];

/** Records that a stage failed before the error goes on. */
function failed(run: RunOwner, name: StageName, target: string): (error: unknown) => never {
  return (error) => {
    run.endStage(name, target, {
      finished: 0,
      status: "failed",
      why: (error as Error).message.split("\n")[0] ?? "",
    });
    throw error;
  };
}

async function during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new Interrupted();
  const result = await work();
  if (signal.aborted) throw new Interrupted();
  return result;
}
