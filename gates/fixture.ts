import type {
  CapacityResult,
  ColdStart,
  ContractResult,
  GateSpec,
  GeneratorSample,
  LoadHistogram,
  LoadRequest,
  PactResult,
  ParityFinding,
  ParitySequence,
  RunFile,
  RunRecord,
} from "./evidence/index.ts";
import { SCHEMA_VERSION } from "./evidence/schema.ts";

/** A small, complete, good run for tests: change what the test is about. */
export const startedAt = "2026-01-31T12:00:00.000Z";
/** An hour after it began. */
export const judgedAt = new Date("2026-01-31T13:00:00.000Z");

export const operations = ["createAccount", "getAccount", "updateAccount"] as const;
export const cells = operations.flatMap((operation) => [`${operation} 200`, `${operation} 401`]);

export const gateSpecs: readonly GateSpec[] = [
  { gate: "contracts", cases: 3 },
  { gate: "generator" },
  { gate: "coldStart.p99", limit: 1000 },
  { gate: "errorRate", limit: 0.001 },
  { gate: "pact", cases: 2 },
];

export function contractResult(
  index: number,
  target: string,
  change: Partial<ContractResult> = {},
): ContractResult {
  const operationId = operations[index] ?? "createAccount";
  return {
    id: `C0${index + 1}`,
    operationId,
    target,
    outcome: "held",
    at: startedAt,
    durationMs: 12.5 + index,
    findings: [],
    cells: [`${operationId} 200`, `${operationId} 401`],
    ...change,
  };
}

/** One interaction of each of two consumers, on one target. */
export function pactResults(target: string, change: Partial<PactResult> = {}): readonly PactResult[] {
  return ["dashboard", "erp"].map((consumer) => ({
    consumer,
    interaction: "an open invoice",
    kind: "http",
    operation: "getInvoice",
    states: ["an open invoice"],
    target,
    outcome: "verified",
    at: startedAt,
    durationMs: 7,
    findings: [],
    ...change,
  }));
}

/** `n` requests of which the first `errors` were answered 500. */
export function loadRequests(n: number, errors = 0, target = "serverless"): readonly LoadRequest[] {
  return Array.from({ length: n }, (_, seq) => {
    const dueMs = seq * 10;
    const took = 5 + ((seq * 7919) % 101) / 4 + (seq % 97 === 0 ? 180 : 0);
    const failed = seq < errors;
    return {
      seq,
      target,
      endpoint: operations[seq % operations.length] ?? "createAccount",
      phase: "steady",
      dueMs,
      sentMs: dueMs + 0.5,
      firstByteMs: dueMs + took - 0.25,
      doneMs: dueMs + took,
      reply: failed ? 500 : 200,
      outcome: failed ? "unexpected-status" : "ok",
      bytes: 321,
    };
  });
}

/** `n` cold starts of which the first `slow` took 1,500 ms. */
export function coldStarts(n: number, slow = 0): readonly ColdStart[] {
  return Array.from({ length: n }, (_, sample) => ({
    target: "serverless",
    function: sample % 2 === 0 ? "AccountsQuery" : "AccountsCommand",
    sample,
    population: "serial",
    classification: "cold",
    at: startedAt,
    clientMs: sample < slow ? 1500 : 400 + ((sample * 7919) % 211),
    initMs: 250 + ((sample * 104_729) % 83),
    durationMs: 12,
    memoryMb: 256,
  }));
}

export function generatorSamples(requests: readonly LoadRequest[]): readonly GeneratorSample[] {
  const counts = Map.groupBy(requests, (request) => request.target);
  return [...counts].map(([target, own]) => ({
    target,
    atMs: 1000,
    intervalMs: 1000,
    planned: own.length,
    sent: own.length,
    latenessP99Ms: 0.5,
    latenessMaxMs: 0.5,
    eventLoopP99Ms: 3,
    eventLoopMaxMs: 9,
  }));
}

/** One search for each rate, in steps of a twentieth. */
export function capacitySearches(target: string, rates: readonly number[]): readonly CapacityResult[] {
  return rates.map((rate, replicate) => ({
    target,
    kind: "capacity",
    replicate,
    at: startedAt,
    scenario: "reads",
    slo: { latencyMs: 500, slowShare: 0.01, errorShare: 0.001 },
    ended: "found",
    rate,
    failedRate: rate * 1.05,
    steps: [],
  }));
}

export interface Parts {
  readonly capacity?: readonly CapacityResult[];
  readonly contracts?: readonly ContractResult[];
  readonly pact?: readonly PactResult[];
  readonly parity?: readonly ParitySequence[];
  readonly parityFindings?: readonly ParityFinding[];
  readonly requests?: readonly LoadRequest[];
  readonly histograms?: readonly LoadHistogram[];
  readonly coldStarts?: readonly ColdStart[];
  readonly file?: Partial<RunFile>;
  readonly gates?: readonly GateSpec[];
}

/** A record whose stages agree with its parts. */
export function runRecord(parts: Parts = {}): RunRecord {
  const targets = ["monolith", "serverless"];
  const contracts =
    parts.contracts ?? targets.flatMap((target) => operations.map((_, i) => contractResult(i, target)));
  const pact = parts.pact ?? targets.flatMap((target) => pactResults(target));
  const requests = parts.requests ?? loadRequests(3000);
  const cold = parts.coldStarts ?? coldStarts(300);
  const done = { status: "done", startedAt, endedAt: "2026-01-31T12:01:00.000Z" } as const;
  const loaded = new Map([["serverless", 0]]);
  for (const { target } of requests) loaded.set(target, (loaded.get(target) ?? 0) + 1);
  const searched = Map.groupBy(parts.capacity ?? [], (one) => one.target);
  return {
    contracts,
    pact,
    parity: parts.parity ?? [],
    parityFindings: parts.parityFindings ?? [],
    requests,
    histograms: parts.histograms ?? [],
    coldStarts: cold,
    generator: generatorSamples(requests),
    capacity: parts.capacity ?? [],
    invocations: [],
    corrupt: [],
    truncated: [],
    file: {
      schemaVersion: SCHEMA_VERSION,
      runId: "2026-01-31T12-00-00-abcd",
      command: "npm start",
      startedAt,
      endedAt: "2026-01-31T12:03:00.000Z",
      git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
      seed: 42,
      profile: {
        name: "quick",
        label: "limits for a small shared machine",
        gates: parts.gates ?? gateSpecs,
        generator: { latenessP99Ms: 50, eventLoopP99Ms: 100 },
        maxAgeHours: 24,
      },
      targets: [
        {
          name: "monolith",
          url: "http://127.0.0.1:3000",
          role: "baseline",
          bundled: true,
          versionBefore: "m-1",
          versionAfter: "m-1",
        },
        {
          name: "serverless",
          url: "http://127.0.0.1:4000",
          role: "candidate",
          bundled: true,
          versionBefore: "s-1",
          versionAfter: "s-1",
          functions: [
            {
              name: "AccountsQuery",
              runtime: "nodejs24.x",
              architecture: "arm64",
              memoryMb: 256,
              timeoutS: 10,
              weight: 2,
            },
            {
              name: "AccountsCommand",
              runtime: "nodejs24.x",
              architecture: "arm64",
              memoryMb: 256,
              timeoutS: 10,
              weight: 1,
            },
          ],
        },
      ],
      specs: [{ path: "openapi/accounts.yaml", sha256: "ab".repeat(32) }],
      tools: { node: "24.21.0", artillery: "2.0.34" },
      contractPlan: {
        cases: operations.map((operationId, i) => ({ id: `C0${i + 1}`, operationId })),
        cells: [...cells, "createAccount 429"],
        exempt: [{ cell: "createAccount 429", reason: "shaped by the gateway" }],
      },
      pactPlan: {
        interactions: pactResults("").map(({ consumer, interaction }) => ({
          ...{ consumer, interaction },
          operation: "getInvoice",
        })),
        unused: [{ operation: "getInvoice", fields: ["/memo", "/periodStart"] }],
      },
      stages: [
        ...targets.map((target) => {
          const finished = pact.filter((result) => result.target === target).length;
          return { name: "pact", target, planned: 2, finished, ...done } as const;
        }),
        ...targets.map((target) => {
          const finished = contracts.filter((result) => result.target === target).length;
          return { name: "contracts", target, planned: operations.length, finished, ...done } as const;
        }),
        ...[...loaded].map(
          ([target, count]) => ({ name: "load", target, planned: count, finished: count, ...done }) as const,
        ),
        { name: "cold-starts", target: "serverless", planned: cold.length, finished: cold.length, ...done },
        ...[...searched].map(
          ([target, { length }]) =>
            ({ name: "capacity", target, planned: length, finished: length, ...done }) as const,
        ),
      ],
      ...parts.file,
    },
  };
}
