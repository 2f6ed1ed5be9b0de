import type { ColdStart } from "../../gates/evidence/index.ts";

/** What Lambda says about one invocation. */
export interface LambdaReport {
  readonly durationMs?: number;
  readonly billedMs?: number;
  readonly memoryMb?: number;
  readonly initMs?: number;
  readonly restoreMs?: number;
  /** An initialisation of this environment crashed or timed out: the invocation's duration absorbs another one. */
  readonly initFailed: boolean;
}

/**
 * Finds the report of an invocation in the tail of its log, in text or JSON format.
 * @returns undefined when there is none: the tail holds 4 KB, and a chatty function may push it out
 */
export function parseReport(log: string, requestId: string | undefined): LambdaReport | undefined {
  const lines = log.split("\n");
  const initFailed = lines.some(isFailedInit);
  for (const line of lines.toReversed()) {
    const found = line.trimStart().startsWith("{") ? fromJson(line) : fromText(line);
    if (found === undefined) continue;
    if (requestId !== undefined && found.requestId !== requestId) continue;
    const { requestId: _, ...figures } = found;
    return { ...figures, initFailed };
  }
  return undefined;
}

/**
 * A restored snapshot and an initialisation that failed before are other populations than a cold start. Without
 * a report nobody can tell: never taken for warm.
 */
export function classify(report: LambdaReport | undefined): ColdStart["classification"] {
  if (report === undefined) return "unknown";
  if (report.restoreMs !== undefined) return "restored";
  if (report.initFailed) return "suppressed";
  return report.initMs === undefined ? "warm" : "cold";
}

type Figures = Omit<LambdaReport, "initFailed"> & { readonly requestId: string };

/** `REPORT RequestId: …`, fields parted by tabs. A line without its fields was cut off. */
function fromText(line: string): Figures | undefined {
  const id = /^REPORT RequestId: (\S+)\t/.exec(line)?.[1];
  if (id === undefined) return undefined;
  const fields = new Map(
    line.split("\t").map((field) => {
      const [, name = "", value] = /^\s*([A-Za-z ]+): ([\d.]+) (?:ms|MB)\s*$/.exec(field) ?? [];
      return [name, value === undefined ? undefined : Number(value)] as const;
    }),
  );
  const billedMs = fields.get("Billed Duration");
  return billedMs === undefined && fields.get("Duration") === undefined
    ? undefined
    : {
        requestId: id,
        ...known({
          durationMs: fields.get("Duration"),
          billedMs,
          memoryMb: fields.get("Memory Size"),
          initMs: fields.get("Init Duration"),
          restoreMs: fields.get("Restore Duration"),
        }),
      };
}

interface PlatformLine {
  readonly type?: string;
  readonly record?: {
    readonly requestId?: string;
    readonly status?: string;
    readonly metrics?: Readonly<Record<string, number>>;
  };
}

function fromJson(line: string): Figures | undefined {
  const { type, record } = readJson(line);
  if (type !== "platform.report" || record?.requestId === undefined || !record.metrics) return undefined;
  const { durationMs, billedDurationMs, memorySizeMB, initDurationMs, restoreDurationMs } = record.metrics;
  return {
    requestId: record.requestId,
    ...known({
      durationMs,
      billedMs: billedDurationMs,
      memoryMb: memorySizeMB,
      initMs: initDurationMs,
      restoreMs: restoreDurationMs,
    }),
  };
}

function isFailedInit(line: string): boolean {
  if (/^INIT_REPORT .*Status: (?:error|timeout)/.test(line)) return true;
  const { type, record } = readJson(line);
  return type === "platform.initReport" && (record?.status === "error" || record?.status === "timeout");
}

function readJson(line: string): PlatformLine {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

type Known = Omit<LambdaReport, "initFailed">;

/** Without the members that are undefined. */
function known(figures: { readonly [K in keyof Known]: Known[K] | undefined }): Known {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}
