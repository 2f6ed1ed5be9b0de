import type { RunProfile } from "../evidence/index.ts";
import { UsageError } from "../exit.ts";
import { checkedConfig } from "./check.ts";
import {
  type Config,
  type PhaseConfig,
  type ProfileConfig,
  parseLimit,
  type TargetConfig,
} from "./schema.ts";

/** Types `cutover.config.ts` as it is written. It is checked when it is resolved. */
export function defineConfig(config: Config): Config {
  return config;
}

export interface ResolvedTarget {
  readonly name: string;
  readonly role: "baseline" | "candidate";
  /** Exactly one of `url` and `bundled` is there. */
  readonly url?: string;
  readonly bundled?: "monolith" | "serverless";
  readonly healthPath: string;
  readonly versionPath: string;
  readonly disposable: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly lambda?: {
    readonly endpoint?: string;
    readonly region: string;
    readonly functions: readonly { readonly name: string; readonly weight: number }[];
    readonly accessLog?: string;
  };
  readonly webhookReceiver: WebhookReceiver;
}

/** Where a receiver of webhooks listens, and how a target reaches it. */
export interface WebhookReceiver {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What the target is told instead of `http://host:port`, such as a tunnel's URL; a path in it is kept. */
  readonly publicUrl?: string;
}

export interface ResolvedLoad {
  readonly scenario: string;
  readonly phases: readonly PhaseConfig[];
  /** At least so many requests on each target that a gate judges; 0: as many as the phases bring. */
  readonly requests: number;
  /** Requests a second that the highest rate of the phases becomes. */
  readonly peak?: number;
  readonly paired: boolean;
  readonly workers: number;
  readonly timeoutMs: number;
  /** The documents that replies are held to, as in the whole. */
  readonly specs: readonly string[];
}

/** What a search for the capacity may try, and what a step must hold. Rates are arrivals a second. */
export interface ResolvedCapacity {
  readonly scenario: string;
  readonly start: number;
  /** Nothing above is tried. */
  readonly most: number;
  readonly stepSeconds: number;
  readonly replicates: number;
  readonly latencyMs: number;
  readonly slowShare: number;
  readonly errorShare: number;
  /** After each search a burst of `seconds` at `factor` times what was found, and as long to recover. */
  readonly recovery?: { readonly factor: number; readonly seconds: number; readonly within: number };
}

export interface ResolvedParity {
  readonly userFile: string;
  readonly accepted: string;
  readonly pace?: number;
  readonly seconds?: number;
  readonly sequences?: number;
  /** Only these are aimed at. */
  readonly operations?: readonly string[];
  /** Recorded traffic instead of generated. */
  readonly replay?: { readonly file: string; readonly writes: boolean };
}

export interface ResolvedConfig {
  readonly specs: readonly string[];
  /** Those chosen by `--target`, else all, in the order of the configuration. */
  readonly targets: readonly ResolvedTarget[];
  /** As it is recorded in `run.json` and judged. */
  readonly profile: RunProfile;
  readonly load?: ResolvedLoad;
  readonly coldStart?: {
    readonly samples: number;
    readonly burst?: { readonly size: number; readonly times: number };
  };
  readonly capacity?: ResolvedCapacity;
  /** The number of requests or samples was given by a flag or the environment, not by the profile. */
  readonly sizedByHand: boolean;
  readonly parity?: ResolvedParity;
  readonly seed: number;
  readonly environments: number;
  readonly readyMs: number;
  /** Values that must never reach evidence: pass them to `createRun` and `joinRun`. */
  readonly secrets: readonly string[];
}

/** What the command line may say; each wins over its environment variable. */
export interface Flags {
  readonly target?: string | readonly string[];
  /** `name=URL`, each. */
  readonly url?: string | readonly string[];
  readonly profile?: string;
  readonly seed?: string | number;
  /** Cold-start samples. */
  readonly samples?: string | number;
  /** Least number of requests on each target. */
  readonly requests?: string | number;
  /** Searches for capacity on each target. */
  readonly replicates?: string | number;
  /** The scenario of the load, instead of the profile's. */
  readonly scenario?: string;
  /** The load comes to all targets at the same time, whatever the profile says. */
  readonly paired?: boolean;
  /** Requests a second at the peak of production, and the percentage of them that this load stands for. */
  readonly peak?: string | number;
  readonly share?: string | number;
  /** OpenAPI documents: files or patterns, instead of the configuration's. */
  readonly spec?: string | readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration a run works with: the file, over it `CUTOVER_*` from the environment, over those the
 * flags; complete, so that nothing inside is optional by accident.
 * @param fallbackSeed used when neither the environment nor a flag gives one
 * @throws UsageError (exit 64) that names the setting, what was got and what is wanted
 */
export function resolveConfig(
  raw: unknown,
  env: Environment,
  flags: Flags,
  fallbackSeed: number,
): ResolvedConfig {
  const config = checkedConfig(raw);
  const urls = new Map(asList(flags.url).map(splitUrlFlag));
  for (const name of urls.keys()) requireKnown("--url", name, config.targets);
  const targets = Object.entries(config.targets).map(([name, target]) => {
    const variable = `CUTOVER_${name.toUpperCase().replace(/[^A-Z\d]/g, "_")}_URL`;
    const fromEnv = env[variable] || undefined;
    const override = urls.get(name) ?? fromEnv;
    return resolveTarget(name, target, override, urls.has(name) ? `--url ${name}` : variable);
  });
  const wanted = asList(flags.target);
  for (const name of wanted) requireKnown("--target", name, config.targets);

  const profileName = flags.profile ?? (env.CUTOVER_PROFILE || undefined) ?? config.profile ?? "quick";
  requireKnown(
    flags.profile === undefined ? "CUTOVER_PROFILE or profile" : "--profile",
    profileName,
    config.profiles,
  );
  const profile = config.profiles[profileName] as ProfileConfig;
  const samples = wholeNumber("--samples", "CUTOVER_SAMPLES", flags.samples, env, 1);
  const requests = wholeNumber("--requests", "CUTOVER_REQUESTS", flags.requests, env, 1);
  const replicates = wholeNumber("--replicates", "CUTOVER_REPLICATES", flags.replicates, env, 1);

  const peak = wholeNumber("--peak", "CUTOVER_PEAK", flags.peak, env, 1);
  const share = wholeNumber("--share", "CUTOVER_SHARE", flags.share, env, 1);
  requireStep(peak, share);
  const specs = specsOf(config, env, flags);

  return {
    specs,
    targets: wanted.length === 0 ? targets : targets.filter((target) => wanted.includes(target.name)),
    profile: resolveProfile(profileName, profile, config),
    ...(profile.load && {
      load: {
        scenario: flags.scenario ?? (env.CUTOVER_SCENARIO || undefined) ?? profile.load.scenario,
        phases: profile.load.phases,
        requests: requests ?? profile.load.requests ?? 0,
        ...(peak !== undefined && { peak: (peak * (share ?? 100)) / 100 }),
        paired: flags.paired ?? profile.load.paired ?? false,
        workers: profile.load.workers ?? 1,
        timeoutMs: profile.load.timeoutMs ?? 10_000,
        specs,
      },
    }),
    ...(profile.capacity && {
      capacity: resolveCapacity(profile.capacity, replicates),
    }),
    ...(profile.coldStart && {
      coldStart: { ...profile.coldStart, samples: samples ?? profile.coldStart.samples },
    }),
    ...(config.parity && {
      parity: {
        userFile: config.parity.userFile,
        accepted: config.parity.accepted ?? "parity-accepted.json",
        ...(config.parity.pace !== undefined && { pace: config.parity.pace }),
        ...profile.parity,
      },
    }),
    sizedByHand: [samples, requests, replicates].some((size) => size !== undefined),
    seed: wholeNumber("--seed", "CUTOVER_SEED", flags.seed, env, 0) ?? fallbackSeed,
    environments: config.limits?.environments ?? 24,
    readyMs: (config.limits?.readySeconds ?? 60) * 1000,
    secrets: targets.flatMap((target) => Object.values(target.headers)).filter((value) => value.length >= 4),
  };
}

function resolveCapacity(
  { latency, slow = "1 %", errors = "0.1 %", replicates, ...rest }: NonNullable<ProfileConfig["capacity"]>,
  override: number | undefined,
): ResolvedCapacity {
  const value = (limit: string): number => parseLimit(limit)?.value ?? 0;
  return {
    ...rest,
    replicates: override ?? replicates,
    latencyMs: value(latency),
    slowShare: value(slow),
    errorShare: value(errors),
  };
}

function resolveTarget(
  name: string,
  target: TargetConfig,
  override: string | undefined,
  source: string,
): ResolvedTarget {
  if (override !== undefined && !/^https?:$/.test(URL.canParse(override) ? new URL(override).protocol : "")) {
    throw new UsageError({
      what: `The URL of target ${name} is not usable.`,
      where: source,
      got: override,
      wanted: "an http or https URL",
    });
  }
  const url = override ?? target.url;
  const { lambda } = target;
  const functions = lambda?.functions ?? [];
  return {
    name,
    role: target.role,
    ...(url === undefined ? target.bundled && { bundled: target.bundled } : { url: url.replace(/\/+$/, "") }),
    healthPath: target.healthPath ?? "/health",
    versionPath: target.versionPath ?? target.healthPath ?? "/health",
    disposable: url === undefined || (target.disposable ?? false),
    headers: target.headers ?? {},
    ...(lambda && {
      lambda: {
        ...(lambda.endpoint !== undefined && { endpoint: lambda.endpoint }),
        region: lambda.region,
        ...(lambda.accessLog !== undefined && { accessLog: lambda.accessLog }),
        functions: isList(functions)
          ? functions.map((name) => ({ name, weight: 1 }))
          : Object.entries(functions).map(([name, weight]) => ({ name, weight })),
      },
    }),
    webhookReceiver: { host: "127.0.0.1", port: 0, ...target.webhookReceiver },
  };
}

function resolveProfile(name: string, profile: ProfileConfig, config: Config): RunProfile {
  const number = (setting: "limit" | "margin", given: string | undefined) => {
    const value = given === undefined ? undefined : parseLimit(given)?.value;
    return value === undefined ? {} : { [setting]: value };
  };
  const ms = (limit: string | undefined, fallback: number): number =>
    limit === undefined ? fallback : (parseLimit(limit)?.value ?? fallback);
  return {
    name,
    label: profile.label,
    gates: profile.gates.map(({ limit, margin, ...gate }) => ({
      ...gate,
      ...number("limit", limit),
      ...number("margin", margin),
    })),
    generator: {
      latenessP99Ms: ms(profile.generator?.latenessP99, 50),
      eventLoopP99Ms: ms(profile.generator?.eventLoopP99, 100),
    },
    maxAgeHours: config.limits?.evidenceHours ?? 24,
  };
}

function requireKnown(where: string, got: string, known: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(known, got)) return;
  const what =
    where.includes("rofile") || where.includes("PROFILE")
      ? "There is no such profile."
      : "There is no such target.";
  throw new UsageError({ what, where, got, wanted: `one of ${Object.keys(known).join(", ")}` });
}

function splitUrlFlag(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError({
    what: "--url needs a target's name.",
    where: "--url",
    got: text,
    wanted: "name=URL, such as monolith=http://127.0.0.1:3000",
  });
}

function wholeNumber(
  flag: string,
  variable: string,
  fromFlag: string | number | undefined,
  env: Environment,
  least: number,
): number | undefined {
  const got = fromFlag ?? (env[variable] || undefined);
  if (got === undefined) return undefined;
  const value = typeof got === "number" ? got : /^\d+$/.test(got.trim()) ? Number(got) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError({
    what: "This needs a whole number.",
    where: fromFlag === undefined ? variable : flag,
    got: String(got),
    wanted: `a whole number of at least ${least}`,
  });
}

function specsOf(config: Config, env: Environment, flags: Flags): readonly string[] {
  const given = [asList(flags.spec), asList(env.CUTOVER_SPECS || undefined)].find((list) => list.length > 0);
  return given ?? config.specs ?? ["openapi/*.yaml"];
}

/** A traffic step is a share of a peak that is known. */
function requireStep(peak: number | undefined, share: number | undefined): void {
  if (share === undefined) return;
  if (share > 100) {
    throw new UsageError({
      what: "No traffic step is larger than the whole.",
      where: "--share",
      got: `${share}`,
      wanted: "a percentage, such as 10, 50 or 100",
    });
  }
  if (peak === undefined) {
    throw new UsageError({
      what: "A share of the traffic needs to know of how much.",
      where: "--share",
      got: "no --peak",
      wanted: "--peak RPS, the requests a second of production at its busiest",
    });
  }
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (typeof value === "string" ? value.split(",") : value.flatMap((item) => item.split(","))).map(
    (item) => item.trim(),
  );
}

function isList(value: readonly string[] | Readonly<Record<string, number>>): value is readonly string[] {
  return Array.isArray(value);
}
