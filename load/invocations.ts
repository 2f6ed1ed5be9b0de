import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { InvocationTrace } from "../gates/evidence/index.ts";
import { TargetError } from "../gates/exit.ts";
import { type LambdaReport, parseReport } from "./cold-starts/report.ts";

export interface TraceOptions {
  readonly target: string;
  readonly region: string;
  /** Where CloudWatch Logs is; left out, AWS itself. */
  readonly endpoint?: string;
  /** The log group of the API's access log, one JSON object a line. */
  readonly accessLog: string;
  readonly functions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The time of the load, in ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** Lines that are read of one log group at most: enough for half an hour at 100 a second, and an end. */
const MOST = 200_000;

/**
 * What the platform says about the requests of a load: the gateway's access log, joined by request ids to the REPORT
 * lines of the functions.
 * @throws TargetError (exit 69) when the logs cannot be read
 */
export async function readTraces(options: TraceOptions): Promise<readonly InvocationTrace[]> {
  const { region, endpoint, env, target } = options;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const url = endpoint ?? env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS;
  const client = new CloudWatchLogsClient({
    region,
    ...(url !== undefined && { endpoint: url }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  });
  try {
    const reports = new Map<string, Reported>();
    for (const name of options.functions) {
      const lines = await linesOf(client, `/aws/lambda/${name}`, "REPORT", options);
      for (const line of lines) {
        const requestId = idOf(line);
        const report = requestId === undefined ? undefined : parseReport(line, requestId);
        if (requestId !== undefined && report) reports.set(requestId, { ...report, function: name });
      }
    }
    const access = await linesOf(client, options.accessLog, "", options);
    return access.flatMap((line) => traceOf(line, target, reports) ?? []);
  } catch (error) {
    throw new TargetError(
      {
        what: `The logs of ${target} cannot be read, so slow requests stay unexplained.`,
        where: options.accessLog,
        got: `${(error as Error).name}: ${(error as Error).message}`,
        wanted: "logs:FilterLogEvents on the access log and on each /aws/lambda/<function>",
      },
      error,
    );
  } finally {
    client.destroy();
  }
}

type Reported = LambdaReport & { readonly function: string };

/** All lines of a group in the time given. A group that does not exist has none: nothing was invoked. */
async function linesOf(
  client: CloudWatchLogsClient,
  logGroupName: string,
  filterPattern: string,
  { from, to }: Pick<TraceOptions, "from" | "to">,
): Promise<readonly string[]> {
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client
      .send(
        new FilterLogEventsCommand({
          logGroupName,
          startTime: from,
          endTime: to,
          ...(filterPattern !== "" && { filterPattern }),
          ...(nextToken !== undefined && { nextToken }),
        }),
      )
      .catch((error: unknown) => {
        if ((error as Error).name === "ResourceNotFoundException")
          return { events: [], nextToken: undefined };
        throw error;
      });
    for (const { message } of page.events ?? []) if (message !== undefined) lines.push(message);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && lines.length < MOST);
  return lines;
}

/** The request id of a REPORT, in text or JSON format. */
function idOf(line: string): string | undefined {
  return /^REPORT RequestId: (\S+)/.exec(line)?.[1] ?? /"requestId":"([^"]+)"/.exec(line)?.[1];
}

/** Names as API Gateway's `$context` variables; an access log that leaves some out explains less. */
interface AccessLine {
  readonly requestId?: string;
  readonly responseLatency?: number | string;
  readonly authorizerRequestId?: string;
  readonly authorizerLatency?: number | string;
  readonly authorizerError?: string;
  readonly integrationRequestId?: string;
  readonly integrationLatency?: number | string;
  readonly integrationError?: string;
}

function traceOf(
  line: string,
  target: string,
  reports: ReadonlyMap<string, Reported>,
): InvocationTrace | undefined {
  const access = readJson(line);
  const responseMs = Number(access?.responseLatency);
  if (access?.requestId === undefined || !Number.isFinite(responseMs)) return undefined;
  const error = present(access.integrationError) ?? present(access.authorizerError);
  const part = (role: "authorizer" | "function", id: string | undefined, latency: unknown) => {
    const requestId = present(id);
    if (requestId === undefined) return [];
    const report = reports.get(requestId);
    const latencyMs = Number(latency);
    return [
      {
        role,
        requestId,
        ...(Number.isFinite(latencyMs) && { latencyMs }),
        ...(report && { function: report.function }),
        ...(report?.durationMs !== undefined && { durationMs: report.durationMs }),
        ...(report?.initMs !== undefined && { initMs: report.initMs }),
        ...(report?.restoreMs !== undefined && { restoreMs: report.restoreMs }),
      },
    ];
  };
  return {
    target,
    requestId: access.requestId,
    responseMs,
    ...(error !== undefined && { error }),
    parts: [
      ...part("authorizer", access.authorizerRequestId, access.authorizerLatency),
      ...part("function", access.integrationRequestId, access.integrationLatency),
    ],
  };
}

/** API Gateway writes "-" for what there is not. */
function present(value: string | undefined): string | undefined {
  return value === undefined || value === "" || value === "-" ? undefined : value;
}

function readJson(line: string): AccessLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
