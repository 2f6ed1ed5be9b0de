import * as s from "../shape.ts";

/** The version of the format of a run folder. A change that an older reader would misread raises it. */
export const SCHEMA_VERSION = 1;

const share = s.custom<number>("a number from 0 to 1", (v) => typeof v === "number" && v >= 0 && v <= 1);

/** One Lambda function as it was configured when it was verified. */
const functionFacts = s.object({
  name: s.name,
  runtime: s.optional(s.text),
  architecture: s.optional(s.text),
  memoryMb: s.optional(s.positive),
  timeoutS: s.optional(s.positive),
  codeSha256: s.optional(s.text),
  /** Share of the traffic, used to pool cold starts. */
  weight: s.optional(s.atLeast0),
});

const target = s.object({
  name: s.name,
  url: s.text,
  role: s.oneOf("baseline", "candidate"),
  bundled: s.optional(s.flag),
  /** As the target told it before the first stage; null when it tells none. */
  versionBefore: s.optional(s.orNull(s.text)),
  /** The same after the last stage. Not there: the run was cut short. */
  versionAfter: s.optional(s.orNull(s.text)),
  functions: s.optional(s.list(functionFacts)),
});

/** Every kind of gate. `gates/definitions/` has one file for each. */
export const gateNames = [
  "contracts",
  "pact",
  "parity",
  "generator",
  "coldStart.p99",
  "errorRate",
  "latency.p95",
  "latency.p99",
  "capacity.ratio",
  "capacity.absolute",
  "throttleRate",
  "recoveryTime",
  "correctnessUnderLoad",
] as const;

/** A gate asked for, with its limit as a number: milliseconds, a share, a ratio, or arrivals a second. */
const gateSpec = s.object({
  gate: s.oneOf(...gateNames),
  /** The target judged; left out, the candidate. `contracts` and `pact` judge all targets. */
  target: s.optional(s.name),
  limit: s.optional(s.positive),
  /** Against the baseline: the candidate may be worse by this share. Stands in place of `limit`. */
  margin: s.optional(s.positive),
  /** Only these phases of the load; left out, every phase. */
  phases: s.optional(s.list(s.name)),
  /** Only these operations; left out, all. */
  endpoints: s.optional(s.list(s.name)),
  /** May be looked at after every request: decided by an e-process, not by fixed-size bounds. */
  sequential: s.optional(s.flag),
  /** For `contracts`: how many results each target must have; for `pact`: at least so many. */
  cases: s.optional(s.positiveCount),
  /**
   * False: reported, never decisive. Left out: true, except for a gate that compares the two bundled systems, which
   * share one machine.
   */
  required: s.optional(s.flag),
});

const generatorLimits = s.object({
  /** 99 of 100 requests leave at most this late. */
  latenessP99Ms: s.positive,
  /** No sample of the event loop's delay (P99 of its interval) above this. */
  eventLoopP99Ms: s.positive,
});

const profile = s.object({
  name: s.name,
  /** What a reader must know about its limits, such as "limits for a small shared machine". */
  label: s.text,
  gates: s.list(gateSpec),
  generator: generatorLimits,
  /** Evidence older than this when judged is invalid. */
  maxAgeHours: s.positive,
});

/** What the contract tests set out to do, written before the first of them runs. */
const contractPlan = s.object({
  cases: s.list(s.object({ id: s.name, operationId: s.name })),
  /** Every documented cell, as "createAccount 201". */
  cells: s.list(s.name),
  /** Cells that cannot be provoked from outside, or that are exempt by convention. */
  exempt: s.list(s.object({ cell: s.name, reason: s.name })),
});

/** What consumers rely on, written before any target is asked. */
const pactPlan = s.object({
  interactions: s.list(
    s.object({
      consumer: s.name,
      /** The consumer's version, where a broker tells it. */
      version: s.optional(s.name),
      interaction: s.name,
      /** Not there: no operation of the documents, or a message. */
      operation: s.optional(s.name),
    }),
  ),
  /** What replies and events carry and no consumer uses, by operation or event: it may be removed. */
  unused: s.list(s.object({ operation: s.name, fields: s.list(s.name) })),
  /** Only some consumers or states were asked for: no evidence for the whole. */
  partial: s.optional(s.flag),
});

/** Counts are contract results, interactions of pacts, sequences of parity, requests, cold-start samples or capacity replicates. `missing`: planned, never begun. */
const stage = s.object({
  name: s.oneOf("contracts", "pact", "parity", "load", "cold-starts", "capacity"),
  target: s.name,
  planned: s.count,
  finished: s.count,
  status: s.oneOf("missing", "running", "done", "failed"),
  startedAt: s.optional(s.instant),
  endedAt: s.optional(s.instant),
  /** The gate that was proven broken, and so the load ended before its planned size. */
  endedEarly: s.optional(s.text),
  /** Why it failed or was left out. */
  why: s.optional(s.text),
});

/** `run.json`: who was verified, with what, when, and how far it came. */
export const runShape = s.object({
  schemaVersion: s.custom<number>(`schema version ${SCHEMA_VERSION}`, (v) => v === SCHEMA_VERSION),
  runId: s.name,
  command: s.text,
  startedAt: s.instant,
  /** Not there: still running, or cut short. */
  endedAt: s.optional(s.instant),
  git: s.object({ commit: s.orNull(s.text), dirty: s.flag }),
  seed: s.count,
  profile,
  targets: s.list(target),
  specs: s.list(s.object({ path: s.name, sha256: s.name })),
  tools: s.mapOf(s.text),
  contractPlan: s.optional(contractPlan),
  pactPlan: s.optional(pactPlan),
  stages: s.list(stage),
});

const finding = s.object({
  operation: s.name,
  /** JSON Pointer into the reply's body, or a header's name. */
  pointer: s.optional(s.text),
  got: s.text,
  wanted: s.text,
  message: s.text,
  /** A command that repeats the request; secrets are redacted. */
  curl: s.optional(s.text),
});

/** `contracts.ndjson`: one contract test on one target. */
export const contractShape = s.object({
  id: s.name,
  operationId: s.name,
  target: s.name,
  outcome: s.oneOf("held", "broken", "unreachable", "skipped"),
  /** Why it was skipped, or could not be reached. */
  reason: s.optional(s.text),
  at: s.instant,
  durationMs: s.atLeast0,
  findings: s.list(finding),
  /** Cells whose reply was seen and conformed, as "createAccount 201". */
  cells: s.list(s.name),
});

const pactFinding = s.object({
  /** A path of Pact into the body (`$.items[0].total`), `status`, or a header's name. */
  path: s.text,
  expected: s.text,
  got: s.text,
  message: s.text,
  /** A command that repeats the request; secrets are redacted. */
  curl: s.optional(s.text),
});

/** `pact.ndjson`: one interaction of a consumer's pact, on one target. */
export const pactShape = s.object({
  consumer: s.name,
  /** The consumer's version, where a broker tells it. */
  version: s.optional(s.name),
  interaction: s.name,
  kind: s.oneOf("http", "message"),
  operation: s.optional(s.name),
  states: s.list(s.name),
  target: s.name,
  /**
   * `broken`: the target answered otherwise. `refused`: the pact itself cannot be verified or asks for what the
   * documents do not allow, so no target was asked. `unverified`: nothing was compared. `pending`: a broker
   * holds the pact as pending, and it failed.
   */
  outcome: s.oneOf("verified", "broken", "refused", "unverified", "pending"),
  /** Why it was not verified. */
  reason: s.optional(s.text),
  at: s.instant,
  durationMs: s.atLeast0,
  findings: s.list(pactFinding),
});

/** `parity.ndjson`: one sequence of requests, sent to both systems. */
export const paritySequenceShape = s.object({
  /** Numbers the sequences from 0, without gaps. */
  seq: s.count,
  /** The candidate's name. */
  target: s.name,
  /** Only sequences drawn independently of each other and of coverage carry the bound. */
  drawn: s.oneOf("independent", "guided"),
  strategy: s.name,
  /** The operation aimed at. */
  operation: s.name,
  /** Requests answered by both systems. */
  pairs: s.count,
  outcome: s.oneOf("same", "differs", "given-up"),
  /** Why it was given up. */
  why: s.optional(s.text),
  /** Replies by operation and the statuses of both systems, as "getPlan 200 200". */
  replies: s.mapOf(s.count),
});

const parityExchange = s.object({
  method: s.name,
  url: s.name,
  body: s.optional(s.text),
  status: s.count,
  reply: s.text,
});

/** `parity-findings.ndjson`: one confirmed difference, or an acceptance that no longer holds. */
export const parityFindingShape = s.object({
  id: s.name,
  /** The candidate's name. */
  target: s.name,
  title: s.text,
  class: s.oneOf("regression", "improvement", "legacy quirk", "silent break", "stale acceptance"),
  operation: s.name,
  kind: s.name,
  path: s.text,
  differences: s.list(s.object({ kind: s.name, path: s.text, baseline: s.text, candidate: s.text })),
  steps: s.list(
    s.object({
      operation: s.name,
      together: s.flag,
      setUp: s.flag,
      baseline: parityExchange,
      candidate: parityExchange,
    }),
  ),
  /** Requests beyond set-up. */
  requests: s.count,
  seenIn: s.count,
  sequences: s.count,
  confirmed: s.count,
  tries: s.count,
  /** There, when a reviewed entry accepts it. */
  accepted: s.optional(s.object({ owner: s.name, reason: s.name, expires: s.name })),
});

const requestReply = s.either(
  s.custom<number>(
    "a status from 100 to 599",
    (v) => Number.isInteger(v) && (v as number) >= 100 && (v as number) < 600,
  ),
  s.oneOf("timeout", "refused", "reset", "dns", "tls", "protocol", "other"),
);
const requestOutcome = s.oneOf("ok", "unexpected-status", "wrong-body", "connection", "timeout", "throttled");

/** `requests.ndjson`: one request of the load. Times are milliseconds since the load began, monotonic. */
export const requestShape = s.object({
  /** Numbers the requests of one target and worker from 0, without gaps. */
  seq: s.count,
  worker: s.optional(s.count),
  /** Numbers the users of one target from 0. In a paired load the same user came to both targets. */
  user: s.optional(s.count),
  target: s.name,
  /** The operationId. */
  endpoint: s.name,
  phase: s.name,
  /** When it was due by the schedule. Latency is `doneMs - dueMs`. */
  dueMs: s.number,
  sentMs: s.number,
  /** Not there: no byte came. */
  firstByteMs: s.optional(s.number),
  /** When the last byte came, or when it was given up. */
  doneMs: s.number,
  /** The status, or what came in its place. */
  reply: requestReply,
  /** `ok` includes an expected 4xx. All else is an error. */
  outcome: requestOutcome,
  bytes: s.count,
  /** It went over a connection that was open already. */
  reused: s.optional(s.flag),
  requestId: s.optional(s.text),
  /** The target said that this request met a cold start. */
  cold: s.optional(s.flag),
});

/**
 * `histograms.ndjson`: in a load of more requests than can be kept one by one, those of about a second that ended the
 * same way. Buckets are those of `statistics/histogram.ts`.
 */
export const histogramShape = s.object({
  /** Numbers the records of one target and worker from 0, without gaps. */
  seq: s.count,
  worker: s.optional(s.count),
  target: s.name,
  endpoint: s.name,
  phase: s.name,
  reply: requestReply,
  outcome: requestOutcome,
  /** So many requests. */
  count: s.count,
  /** Their latency: a bucket and its count, in turns. */
  latency: s.list(s.count),
  /** Their lateness. */
  lateness: s.list(s.count),
});

/** `cold-starts.ndjson`: one forced invocation of one function. */
export const coldStartShape = s.object({
  target: s.name,
  function: s.name,
  /** Numbers the samples of the target from 0, without gaps. */
  sample: s.count,
  /** How it was forced: one at a time, or many at once. Never pooled. */
  population: s.oneOf("serial", "burst"),
  /** `unknown` when no REPORT was seen: never taken for warm. */
  classification: s.oneOf("cold", "warm", "suppressed", "restored", "unknown"),
  at: s.instant,
  /** What the client waited. */
  clientMs: s.atLeast0,
  initMs: s.optional(s.atLeast0),
  durationMs: s.optional(s.atLeast0),
  billedMs: s.optional(s.atLeast0),
  memoryMb: s.optional(s.positive),
  requestId: s.optional(s.text),
  /** The function answered with an error, or the invocation failed. */
  error: s.optional(s.text),
});

/** One Lambda invocation within a request. */
const invocationPart = s.object({
  role: s.oneOf("authorizer", "function"),
  requestId: s.name,
  function: s.optional(s.text),
  /** What the gateway waited for it. */
  latencyMs: s.optional(s.atLeast0),
  /** From its REPORT. Not there: no REPORT was found. */
  durationMs: s.optional(s.atLeast0),
  initMs: s.optional(s.atLeast0),
  restoreMs: s.optional(s.atLeast0),
});

/** `invocations.ndjson`: what the platform says about a request of the load: its access log joined to the REPORTs. */
export const invocationShape = s.object({
  target: s.name,
  /** As in `requests.ndjson`. */
  requestId: s.name,
  /** From the gateway's first byte of the request to its last of the response. */
  responseMs: s.atLeast0,
  /** Why the gateway could not get an answer. */
  error: s.optional(s.text),
  parts: s.list(invocationPart),
});

/** `generator.ndjson`: how the load generator itself fared since its previous sample. */
export const generatorShape = s.object({
  target: s.name,
  worker: s.optional(s.count),
  /** Milliseconds since the load began, at the sample's end. */
  atMs: s.atLeast0,
  intervalMs: s.positive,
  /** Requests due in the interval, and requests sent in it. */
  planned: s.count,
  sent: s.count,
  latenessP99Ms: s.number,
  latenessMaxMs: s.number,
  eventLoopP99Ms: s.atLeast0,
  eventLoopMaxMs: s.atLeast0,
  cpuShare: s.optional(s.atLeast0),
  /** What this worker managed on a server that does nothing, just before the load; in its first sample. */
  calibration: s.optional(
    s.object({
      /** Requests a second that it sent on time: the most it can vouch for. */
      rate: s.positive,
      latencyP99Ms: s.atLeast0,
      cpuUsPerRequest: s.atLeast0,
    }),
  ),
});

/** A step of a search for capacity: one rate, held for some seconds. */
const capacityStep = s.object({
  /** Arrivals a second, open loop. */
  rate: s.positive,
  seconds: s.positive,
  /** Requests due, and requests sent: fewer when the step was ended early, because it was lost. */
  planned: s.count,
  sent: s.count,
  /** Those of `sent` that ended in an error; throttles are among them. */
  errors: s.count,
  throttled: s.count,
  /** Those of `sent` that took longer than the objective allows, from when they were due; errors are among them. */
  slow: s.count,
  cold: s.count,
  p50Ms: s.optional(s.number),
  p99Ms: s.optional(s.number),
  /** The objective held. */
  held: s.flag,
  /** The generator can vouch for this step. */
  trusted: s.flag,
});

/** `capacity.ndjson`: one replicate of a search for the burst capacity of a target, or of its recovery after a burst. */
export const capacityShape = s.object({
  target: s.name,
  kind: s.oneOf("capacity", "recovery"),
  /** Numbers the replicates of one target and kind from 0. Replicates of equal number ran in turns: A B A B. */
  replicate: s.count,
  at: s.instant,
  scenario: s.name,
  /** A step holds when at most `slowShare` of its requests took more than `latencyMs` and `errorShare` failed. */
  slo: s.object({ latencyMs: s.positive, slowShare: share, errorShare: share }),
  /**
   * `found`: `rate` lies between a step that held and one that did not. `at-least`: every step held, up to what
   * the search may try. `below`: not even the lowest step held. `untrusted`: the generator could not vouch.
   */
  ended: s.oneOf("found", "at-least", "below", "untrusted"),
  /** `capacity`: the highest rate that held; null when none did. `recovery`: the burst's rate. */
  rate: s.orNull(s.positive),
  /** `capacity`: the lowest rate that did not hold. */
  failedRate: s.optional(s.positive),
  /** `recovery`: from the burst's end until the objective holds again for good; null when it never did. */
  recoveryMs: s.optional(s.orNull(s.atLeast0)),
  steps: s.list(capacityStep),
});

/** One gate in `verdict.json`. Estimates, bounds and limit share one unit. */
export const outcomeShape = s.object({
  gate: s.name,
  target: s.optional(s.name),
  /** The phases and operations it was narrowed to, in words. */
  scope: s.optional(s.text),
  kind: s.oneOf("pass", "fail", "inconclusive", "invalid", "absent"),
  required: s.flag,
  /** One sentence for people: what was found, and why that gives this outcome. */
  reason: s.text,
  unit: s.optional(s.oneOf("ms", "share", "ratio", "perSecond", "results")),
  limit: s.optional(s.number),
  estimate: s.optional(s.orNull(s.number)),
  /** One-sided bounds at `confidence`. Null: the samples give none. */
  lower: s.optional(s.orNull(s.number)),
  upper: s.optional(s.orNull(s.number)),
  confidence: s.optional(share),
  /** Samples, and how many of them were errors or over the limit. */
  n: s.optional(s.count),
  x: s.optional(s.count),
  /** How probable so many are when the target is just within its limit. Decides NO-GO, after Holm. */
  pValue: s.optional(share),
  /** The fresh run that would settle it. */
  needs: s.optional(s.object({ n: s.count, command: s.text, because: s.text })),
});

/** `verdict.json`. */
export const verdictShape = s.object({
  schemaVersion: s.custom<number>(`schema version ${SCHEMA_VERSION}`, (v) => v === SCHEMA_VERSION),
  runId: s.name,
  judgedAt: s.instant,
  verdict: s.oneOf("GO", "NO-GO", "INCONCLUSIVE"),
  /** One sentence. */
  why: s.text,
  gates: s.list(outcomeShape),
});

export type RunFile = s.Of<typeof runShape>;
export type RunTarget = s.Of<typeof target>;
export type FunctionFacts = s.Of<typeof functionFacts>;
export type GateSpec = s.Of<typeof gateSpec>;
export type RunProfile = s.Of<typeof profile>;
export type ContractPlan = s.Of<typeof contractPlan>;
export type PactPlan = s.Of<typeof pactPlan>;
export type Stage = s.Of<typeof stage>;
export type StageName = Stage["name"];
export type Finding = s.Of<typeof finding>;
export type ContractResult = s.Of<typeof contractShape>;
export type PactFinding = s.Of<typeof pactFinding>;
export type PactResult = s.Of<typeof pactShape>;
export type ParitySequence = s.Of<typeof paritySequenceShape>;
export type ParityFinding = s.Of<typeof parityFindingShape>;
export type LoadHistogram = s.Of<typeof histogramShape>;
export type LoadRequest = s.Of<typeof requestShape>;
export type ColdStart = s.Of<typeof coldStartShape>;
export type GeneratorSample = s.Of<typeof generatorShape>;
export type InvocationTrace = s.Of<typeof invocationShape>;
export type CapacityResult = s.Of<typeof capacityShape>;
export type GateOutcome = s.Of<typeof outcomeShape>;
export type Verdict = s.Of<typeof verdictShape>;

/** The streams of a run: file and record of each. */
export const streams = {
  contracts: { file: "contracts.ndjson", shape: contractShape },
  pact: { file: "pact.ndjson", shape: pactShape },
  parity: { file: "parity.ndjson", shape: paritySequenceShape },
  parityFindings: { file: "parity-findings.ndjson", shape: parityFindingShape },
  requests: { file: "requests.ndjson", shape: requestShape },
  histograms: { file: "histograms.ndjson", shape: histogramShape },
  coldStarts: { file: "cold-starts.ndjson", shape: coldStartShape },
  generator: { file: "generator.ndjson", shape: generatorShape },
  capacity: { file: "capacity.ndjson", shape: capacityShape },
  invocations: { file: "invocations.ndjson", shape: invocationShape },
} as const;

export type StreamName = keyof typeof streams;
export interface StreamRecords {
  contracts: ContractResult;
  pact: PactResult;
  parity: ParitySequence;
  parityFindings: ParityFinding;
  requests: LoadRequest;
  histograms: LoadHistogram;
  coldStarts: ColdStart;
  generator: GeneratorSample;
  capacity: CapacityResult;
  invocations: InvocationTrace;
}
