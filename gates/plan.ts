import { WARM_UP } from "./definitions/requests.ts";
import type { GateSpec, RunProfile } from "./evidence/index.ts";
import { UsageError } from "./exit.ts";
import { formatCount, formatShare } from "./format.ts";
import { smallestSequential } from "./statistics/e-process.ts";
import {
  plannedQuantileRatio,
  plannedReplicates,
  plannedSample,
  smallestSample,
} from "./statistics/sample-size.ts";

/** What a run of the profile will bring, as far as it is known before it begins. */
export interface Expected {
  /** Not there: the profile has no load. */
  readonly load?: {
    /** Requests on one target, in each phase. */
    readonly phases: readonly {
      readonly name: string;
      readonly seconds: number;
      readonly requests: number;
    }[];
    /** The share of each operation in a user's requests. */
    readonly endpoints: Readonly<Record<string, number>>;
  };
  readonly coldStarts?: { readonly samples: number; readonly secondsEach: number };
  /** Searches for capacity, and bursts, on one target. */
  readonly replicates?: number;
}

/** What one gate needs, and what the profile gives it. */
export interface GatePlan {
  readonly gate: GateSpec["gate"];
  readonly scope?: string;
  readonly required: boolean;
  readonly unit: "requests" | "cold starts" | "replicates";
  /** Fewer can never pass. */
  readonly least: number;
  /** So many pass in 8 of 10 runs, if `assumes` is so. */
  readonly wanted: number;
  readonly assumes: string;
  /** What the profile brings. */
  readonly planned: number;
  /** What `wanted` takes on one target, at this profile's rate. */
  readonly minutes?: number;
  /** How to get `wanted`. */
  readonly mend: string;
}

/** What each gate of a profile needs for its limit. Gates that need no number of samples are left out. */
export function planGates(profile: RunProfile, expected: Expected): readonly GatePlan[] {
  return profile.gates.flatMap((spec) => planOf(spec, profile.name, expected) ?? []);
}

/**
 * Refuses a profile that cannot settle one of its required gates, however well its target does.
 * @throws UsageError (exit 64) that names the gate, what it gets, what it takes and how to give it that
 */
export function requireReach(plans: readonly GatePlan[], profile: string): void {
  const short = plans.filter((plan) => plan.required && plan.planned < plan.least);
  const [first, ...others] = short;
  if (!first) return;
  const also = others.map((plan) => `also ${nameOf(plan)}: ${sizes(plan)}; ${plan.mend}`);
  throw new UsageError({
    what: `The profile ${profile} can never settle ${nameOf(first)}: it brings too few ${first.unit}.`,
    where: `cutover.config.ts: profiles.${profile}`,
    got: `${formatCount(first.planned)} ${first.unit}`,
    wanted: `at least ${formatCount(first.least)}, better ${formatCount(first.wanted)} (${first.assumes})`,
    next: [first.mend, ...also].join("\n"),
  });
}

/** "latency.p99 (burst)" */
function nameOf(plan: Pick<GatePlan, "gate" | "scope">): string {
  return plan.scope === undefined ? plan.gate : `${plan.gate} (${plan.scope})`;
}

function sizes(plan: GatePlan): string {
  return `got ${formatCount(plan.planned)} ${plan.unit}, wanted at least ${formatCount(plan.least)}`;
}

function planOf(spec: GateSpec, profile: string, expected: Expected): GatePlan | undefined {
  switch (spec.gate) {
    case "errorRate":
    case "throttleRate":
    case "correctnessUnderLoad":
      return onRequests(spec, profile, expected, ofRate(spec, spec.limit ?? 0));
    case "latency.p95":
    case "latency.p99": {
      const q = spec.gate === "latency.p95" ? 0.95 : 0.99;
      return onRequests(
        spec,
        profile,
        expected,
        spec.margin === undefined ? ofRate(spec, 1 - q) : ofRatio(q, spec.margin),
      );
    }
    case "coldStart.p99":
      return onColdStarts(spec, profile, expected);
    case "capacity.ratio":
      return onReplicates(spec, profile, expected, {
        least: 2,
        wanted: plannedReplicates(spec.limit ?? 0, VARIATION),
        assumes: `the capacities are equal and runs vary by ${formatShare(VARIATION)}`,
      });
    case "capacity.absolute":
      return onReplicates(spec, profile, expected, {
        least: 2,
        wanted: plannedReplicates(1 / 1.1, VARIATION),
        assumes: `the target holds a tenth more and runs vary by ${formatShare(VARIATION)}`,
      });
    case "recoveryTime":
      return onReplicates(spec, profile, expected, {
        ...ofRate(spec, 0.5),
        assumes: "one burst of eight takes longer",
      });
    default:
      return undefined;
  }
}

interface Size {
  readonly least: number;
  readonly wanted: number;
  readonly assumes: string;
}

/** Spread of whole searches for capacity, before anything is known: standard deviation over mean. */
const VARIATION = 0.05;
/** Spread of latencies, before anything is known: the standard deviation of their logarithm. */
const SIGMA = 0.5;

/** A rate four times better than its limit is the one to plan for: one at half the limit takes three times as many. */
function ofRate(spec: GateSpec, limit: number): Size {
  const smallest = spec.sequential ? smallestSequential : smallestSample;
  const planned = plannedSample(limit, limit / 4);
  return {
    least: smallest(limit, 0),
    wanted: spec.sequential ? smallest(limit, planned?.allowed ?? 3) : (planned?.n ?? smallest(limit, 3)),
    assumes: `the true rate is a quarter of ${formatShare(limit)}`,
  };
}

function ofRatio(q: number, margin: number): Size {
  const wanted = plannedQuantileRatio(q, margin, SIGMA);
  return {
    // Below this the candidate's quantile has no upper bound at all.
    least: smallestSample(1 - q, 0),
    wanted,
    assumes: "the latencies are equal and spread as a lognormal of σ = 0.5",
  };
}

function onRequests(spec: GateSpec, profile: string, expected: Expected, size: Size): GatePlan | undefined {
  const { load } = expected;
  if (!load) return undefined;
  for (const endpoint of spec.endpoints ?? []) requireEndpoint(spec, profile, endpoint, load.endpoints);
  const warm = spec.gate.startsWith("latency");
  const phases = load.phases.filter(({ name }) => spec.phases?.includes(name) ?? !(warm && name === WARM_UP));
  const share = spec.endpoints?.reduce((sum, name) => sum + (load.endpoints[name] ?? 0), 0) ?? 1;
  const sum = (pick: "seconds" | "requests", of: typeof load.phases = phases): number =>
    of.reduce((all, phase) => all + phase[pick], 0);
  const planned = Math.floor(sum("requests") * share);
  const rate = (sum("requests") * share) / sum("seconds");
  const missing = Math.max(0, size.wanted - planned);
  const longest = load.phases.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  // `--requests` stretches the longest phase, and so only what lies in it.
  const whole = Math.ceil(sum("requests", load.phases) + missing / share);
  const stretch = Math.ceil(sum("seconds") + missing / rate);
  return {
    ...head(spec),
    ...size,
    unit: "requests",
    planned,
    minutes: (sum("seconds", load.phases) + missing / rate) / 60,
    mend: phases.includes(longest)
      ? `npm start -- --profile ${profile} --requests ${whole}`
      : `Make ${phases.map(({ name }) => name).join(" and ")} of profiles.${profile}.load.phases ${stretch} s long.`,
  };
}

function onColdStarts(spec: GateSpec, profile: string, expected: Expected): GatePlan | undefined {
  const { coldStarts } = expected;
  if (!coldStarts) return undefined;
  const size = ofRate(spec, 0.01);
  return {
    ...head(spec),
    ...size,
    assumes: "1 of 400 cold starts takes longer",
    unit: "cold starts",
    planned: coldStarts.samples,
    minutes: (size.wanted * coldStarts.secondsEach) / 60,
    mend: `npm start -- --profile ${profile} --samples ${size.wanted}`,
  };
}

function onReplicates(spec: GateSpec, profile: string, expected: Expected, size: Size): GatePlan | undefined {
  if (expected.replicates === undefined) return undefined;
  return {
    ...head(spec),
    ...size,
    unit: "replicates",
    planned: expected.replicates,
    mend: `npm run capacity -- --profile ${profile} --replicates ${size.wanted}`,
  };
}

function head(spec: GateSpec): Pick<GatePlan, "gate" | "scope" | "required"> {
  const scope = [...(spec.phases ?? []), ...(spec.endpoints ?? [])].join(", ");
  return { gate: spec.gate, ...(scope !== "" && { scope }), required: spec.required ?? true };
}

function requireEndpoint(
  spec: GateSpec,
  profile: string,
  endpoint: string,
  known: Readonly<Record<string, number>>,
): void {
  if (Object.hasOwn(known, endpoint)) return;
  throw new UsageError({
    what: `The gate ${spec.gate} judges an operation that the scenario never calls.`,
    where: `cutover.config.ts: profiles.${profile}.gates`,
    got: endpoint,
    wanted: `one of ${Object.keys(known).join(", ")}`,
    next: "Name one of these, or choose a scenario that calls it.",
  });
}
