import * as s from "../shape.ts";

/**
 * A limit with its unit, because a bare number is how a gate ends a thousand times too lax:
 * "310 ms", "1.5 s", "0.002 %".
 */
const limit = s.custom<string>(
  'a limit with its unit, such as "310 ms", "1.5 s" or "0.002 %"',
  (v) => typeof v === "string" && parseLimit(v) !== undefined,
);

/** Milliseconds for durations, a share for percentages; undefined when it is no limit. */
export function parseLimit(
  limitText: string,
): { readonly value: number; readonly unit: "ms" | "share" } | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|%)$/.exec(limitText.trim());
  const amount = Number(match?.[1]);
  if (!match || !(amount > 0)) return undefined;
  if (match[2] === "%") return amount < 100 ? { value: amount / 100, unit: "share" } : undefined;
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
      s.object({ host: s.optional(s.name), port: s.optional(s.count), publicUrl: s.optional(url) }, "closed"),
    ),
    /** Sent with every request. Their values are treated as secrets. */
    headers: s.optional(s.mapOf(s.text)),
  },
  "closed",
);

const gate = s.object(
  {
    gate: s.oneOf("contracts", "parity", "generator", "coldStart.p99", "errorRate"),
    target: s.optional(s.name),
    limit: s.optional(limit),
    phases: s.optional(s.list(s.name)),
    cases: s.optional(s.positiveCount),
    required: s.optional(s.flag),
  },
  "closed",
);

/** `rate`: arrivals (users who begin the scenario) per second. */
const phase = s.object({ name: s.name, rate: s.positive, seconds: s.positive }, "closed");

const load = s.object(
  {
    /** A file in load/scenarios/, without its ending. */
    scenario: s.name,
    phases: s.list(phase),
    /** At least so many requests: the longest phase is stretched until they are reached. */
    requests: s.optional(s.positiveCount),
    /** A request that takes longer is a time-out. Default 10,000. */
    timeoutMs: s.optional(s.positive),
  },
  "closed",
);

const coldStart = s.object(
  {
    /** Samples over all functions. */
    samples: s.positiveCount,
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
