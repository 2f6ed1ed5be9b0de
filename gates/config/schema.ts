import { gateNames } from "../evidence/schema.ts";
import * as s from "../shape.ts";

/**
 * A limit with its unit, because a bare number is how a gate ends a thousand times too lax:
 * "310 ms", "1.5 s", "0.002 %", "120 /s".
 */
const limit = s.custom<string>(
  'a limit with its unit, such as "310 ms", "1.5 s", "0.002 %" or "120 /s"',
  (v) => typeof v === "string" && parseLimit(v) !== undefined,
);

export type LimitUnit = "ms" | "share" | "perSecond";

/** Milliseconds for durations, a share for percentages, a number a second for rates; undefined when it is no limit. */
export function parseLimit(
  limitText: string,
): { readonly value: number; readonly unit: LimitUnit } | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|%|\/s)$/.exec(limitText.trim());
  const amount = Number(match?.[1]);
  if (!match || !(amount > 0)) return undefined;
  if (match[2] === "%") return amount < 100 ? { value: amount / 100, unit: "share" } : undefined;
  if (match[2] === "/s") return { value: amount, unit: "perSecond" };
  return { value: match[2] === "s" ? amount * 1000 : amount, unit: "ms" };
}

const url = s.custom<string>("an http or https URL", (v) => {
  if (typeof v !== "string" || !URL.canParse(v)) return false;
  return ["http:", "https:"].includes(new URL(v).protocol);
});

const lambda = s.object(
  {
    /** Where Lambda's API is; left out, AWS itself (or `AWS_ENDPOINT_URL_LAMBDA`). */
    endpoint: s.optional(url),
    region: s.name,
    /** Function names, each with its share of the traffic; a plain list weighs all the same. */
    functions: s.optional(s.either(s.list(s.name), s.mapOf(s.positive))),
    /** The log group of the API's access log (JSON): slow requests are explained with it. */
    accessLog: s.optional(s.name),
  },
  "closed",
);

const target = s.object(
  {
    /** The system being replaced, or the one that replaces it. */
    role: s.oneOf("baseline", "candidate"),
    /** Where it is. Left out, a bundled system is started. */
    url: s.optional(url),
    bundled: s.optional(s.oneOf("monolith", "serverless")),
    /** Answers 2xx when ready. Default /health. */
    healthPath: s.optional(s.name),
    /** Answers JSON with a `version` that changes with each deployment. Default: as `healthPath`. */
    versionPath: s.optional(s.name),
    lambda: s.optional(lambda),
    /** True: Cutover may create accounts and data there. Bundled systems are always disposable. */
    disposable: s.optional(s.flag),
    /** Where the receiver of webhooks listens, and the URL under which the target reaches it. */
    webhookReceiver: s.optional(
      s.object({ host: s.optional(s.name), port: s.optional(s.port), publicUrl: s.optional(url) }, "closed"),
    ),
    /** Sent with every request. Their values are treated as secrets. */
    headers: s.optional(s.mapOf(s.text)),
  },
  "closed",
);

const gate = s.object(
  {
    gate: s.oneOf(...gateNames),
    target: s.optional(s.name),
    limit: s.optional(limit),
    margin: s.optional(limit),
    phases: s.optional(s.list(s.name)),
    endpoints: s.optional(s.list(s.name)),
    sequential: s.optional(s.flag),
    cases: s.optional(s.positiveCount),
    required: s.optional(s.flag),
  },
  "closed",
);

/** `rate`: arrivals (users who begin the scenario) per second. */
const phase = s.object(
  {
    name: s.name,
    rate: s.positive,
    seconds: s.positive,
    /** The rate at the phase's end, to which it goes in a line. Left out: it stays. */
    to: s.optional(s.positive),
    /** Evenly spaced (the default), or independent of each other as users are. */
    arrivals: s.optional(s.oneOf("uniform", "poisson")),
    /** Arrivals counted in slices of equal length, such as requests a minute: their shape; `rate` is the mean. */
    trace: s.optional(s.list(s.atLeast0)),
  },
  "closed",
);

const load = s.object(
  {
    /** A file in load/scenarios/, without its ending. */
    scenario: s.name,
    phases: s.list(phase),
    /** At least so many requests on a target that a gate judges: the longest phase is stretched until they are reached. */
    requests: s.optional(s.positiveCount),
    /** The same users come to all targets at the same time, so that the targets can be compared. */
    paired: s.optional(s.flag),
    /** Processes that share the users between them. Default 1. */
    workers: s.optional(s.positiveCount),
    /** A request that takes longer is a time-out. Default 10,000. */
    timeoutMs: s.optional(s.positive),
  },
  "closed",
);

const coldStart = s.object(
  {
    /** Samples over all functions, one at a time. */
    samples: s.positiveCount,
    /** After them, `times` bursts of `size` invocations at once; reported as a population of their own. */
    burst: s.optional(s.object({ size: s.positiveCount, times: s.positiveCount }, "closed")),
  },
  "closed",
);

const capacity = s.object(
  {
    /** What each arrival does: a scenario of load/scenarios/. */
    scenario: s.name,
    /** Arrivals a second: the first rate tried, and the highest that may be. */
    start: s.positive,
    most: s.positive,
    /** How long each rate is held. */
    stepSeconds: s.positive,
    /** Whole searches on each target, in turns. */
    replicates: s.positiveCount,
    /** A slower request is slow; at most this share may be, and at most this share may fail. Default 1 % and 0.1 %. */
    latency: limit,
    slow: s.optional(limit),
    errors: s.optional(limit),
    /** After each search, a burst of `seconds` at `factor` times what held, and at most `within` seconds to recover. */
    recovery: s.optional(s.object({ factor: s.positive, seconds: s.positive, within: s.positive }, "closed")),
  },
  "closed",
);

/** How long parity is explored, or how many sequences; both: whichever ends first. */
const exploration = s.object(
  { seconds: s.optional(s.positive), sequences: s.optional(s.positiveCount) },
  "closed",
);

const profile = s.object(
  {
    /** What a reader of the verdict must know about these limits. */
    label: s.name,
    load: s.optional(load),
    coldStart: s.optional(coldStart),
    capacity: s.optional(capacity),
    parity: s.optional(exploration),
    gates: s.list(gate),
    /** When the load generator may no longer vouch for its figures. */
    generator: s.optional(
      s.object({ latenessP99: s.optional(limit), eventLoopP99: s.optional(limit) }, "closed"),
    ),
  },
  "closed",
);

const limits = s.object(
  {
    /** Most Lambda environments the local system may run at once. Default 24. */
    environments: s.optional(s.positiveCount),
    /** Evidence older than this is invalid. Default 24. */
    evidenceHours: s.optional(s.positive),
    /** A target that is not ready after this is unreachable. Default 60. */
    readySeconds: s.optional(s.positive),
  },
  "closed",
);

const parity = s.object(
  {
    /** How an account is opened on a target, and how requests are authenticated. */
    userFile: s.name,
    /** Differences that somebody answers for, until a day. */
    accepted: s.optional(s.name),
    /** Requests a second to each target, at most. */
    pace: s.optional(s.positive),
  },
  "closed",
);

export const configShape = s.object(
  {
    /** OpenAPI documents; `*` stands for any part of a name. Default openapi/*.yaml. */
    specs: s.optional(s.list(s.name)),
    targets: s.mapOf(target),
    profiles: s.mapOf(profile),
    /** The profile of a run that names none. Default quick. */
    profile: s.optional(s.name),
    parity: s.optional(parity),
    limits: s.optional(limits),
  },
  "closed",
);

/** What `cutover.config.ts` exports. */
export type Config = s.Of<typeof configShape>;
export type TargetConfig = s.Of<typeof target>;
export type ProfileConfig = s.Of<typeof profile>;
export type PhaseConfig = s.Of<typeof phase>;
