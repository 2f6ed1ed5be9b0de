/** Figures of one invocation, in milliseconds and megabytes. */
export interface ReportFigures {
  readonly requestId: string;
  readonly durationMs: number;
  readonly initMs: number | undefined;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  readonly errorType: string | undefined;
}

const ms = (value: number): string => value.toFixed(2);

/** AWS bills initialisation with the first invocation since August 2025, rounded up to the millisecond. */
export const billedMs = (durationMs: number, initMs: number | undefined): number =>
  Math.ceil(durationMs + (initMs ?? 0));

/** The REPORT line as Lambda writes it: fields parted by tabs, init only on a cold start. */
export function reportLine(f: ReportFigures): string {
  const fields = [
    `REPORT RequestId: ${f.requestId}`,
    `Duration: ${ms(f.durationMs)} ms`,
    `Billed Duration: ${billedMs(f.durationMs, f.initMs)} ms`,
    `Memory Size: ${f.memoryMb} MB`,
    `Max Memory Used: ${f.maxMemoryMb} MB`,
    ...(f.initMs === undefined ? [] : [`Init Duration: ${ms(f.initMs)} ms`]),
    ...status(f.errorType),
  ];
  return `${fields.join("\t")}\t\n`;
}

/** An error the function threw is its own affair; only the platform's get a status. */
function status(errorType: string | undefined): string[] {
  if (errorType === "Sandbox.Timedout") return ["Status: timeout"];
  return errorType?.startsWith("Runtime.") ? ["Status: error", `Error Type: ${errorType}`] : [];
}

/** Written when initialisation did not end well. */
export const initReportLine = (initMs: number, phase: "init" | "invoke", errorType: string): string =>
  `INIT_REPORT Init Duration: ${ms(initMs)} ms\tPhase: ${phase}\tStatus: ${
    errorType === "Sandbox.Timedout" ? "timeout" : `error\tError Type: ${errorType}`
  }\n`;
