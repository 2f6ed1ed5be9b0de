import { createControlPlane } from "./control-plane.ts";
import { Engine } from "./dynamodb/engine.ts";
import { LocalAwsUnavailable } from "./errors.ts";
import { createGateway } from "./gateway/server.ts";
import { dummyCredentials, REGION } from "./identity.ts";
import type { PoolStats } from "./lambda/pool.ts";
import { LambdaService, type LogEntry } from "./lambda/service.ts";
import { listen, shut } from "./listen.ts";
import { LogStore } from "./logs/store.ts";
import { Executions } from "./stepfunctions/executions.ts";
import { type Supervisor, superviseChildren } from "./supervisor/index.ts";
import { readTemplate } from "./template/read.ts";

export { AwsError, LocalAwsUnavailable, TemplateError } from "./errors.ts";
export type { PoolStats } from "./lambda/pool.ts";
export type { LogEntry } from "./lambda/service.ts";

export interface LocalAwsOptions {
  /** A SAM template; its functions must be built where their `CodeUri` says. */
  readonly templatePath: string;
  /** 0, the default, takes any free port. */
  readonly gatewayPort?: number;
  readonly controlPort?: number;
  /** Execution environments at once, all functions together; 24 by default. */
  readonly maxEnvironments?: number;
  /** Variables for every function, under those of the template. */
  readonly env?: Readonly<Record<string, string>>;
  /** Values for the template's `Parameters`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** How long after a write a global index shows it, in ms; 50 by default. */
  readonly globalIndexDelayMs?: number;
  /** How often expired items are removed, in ms; 60,000 by default. */
  readonly ttlSweepMs?: number;
  /** Receives each invocation's log. */
  readonly onLog?: (entry: LogEntry) => void;
}

export interface LocalAws {
  /** Without a trailing slash. */
  readonly gatewayUrl: string;
  readonly endpoints: { readonly lambda: string; readonly dynamodb: string; readonly stepfunctions: string };
  /** What an AWS SDK client needs in its environment to talk to this machine. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: readonly string[];
  /** What the template asks for and this machine does not do. */
  readonly notEmulated: readonly string[];
  stats(): PoolStats;
  /** Removes expired items now; resolves to how many. */
  sweepExpired(): Promise<number>;
  close(): Promise<void>;
}

/** The log group of the gateway's access log; on AWS it is whatever the stage was given. */
export const ACCESS_LOG = "/aws/apigateway/access";

/**
 * Starts what a SAM template describes on this machine. Throws `TemplateError` when the template asks for what is
 * invalid or not emulated, `LocalAwsUnavailable` when this machine cannot give what is needed.
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { parameters = {}, env = {} } = options;
  const model = readTemplate(options.templatePath, { parameters });
  const endpoints: Record<string, string> = { ...env };
  /** Undone in reverse. */
  const started: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let stop = started.pop(); stop; stop = started.pop()) await stop();
  };
  try {
    const supervisor = startSupervisor();
    started.push(() => supervisor.close());
    const dynamodb = await Engine.start({
      tables: model.tables,
      globalIndexDelayMs: options.globalIndexDelayMs ?? 50,
      ttlSweepMs: options.ttlSweepMs ?? 60_000,
    });
    started.push(() => dynamodb.close());
    const logs = new LogStore();
    const lambda = new LambdaService({
      functions: model.functions,
      maxEnvironments: options.maxEnvironments ?? 24,
      onLog: options.onLog,
      onReport: (name, report) => logs.put(`/aws/lambda/${name}`, "local", report),
      supervisor,
      endpoints,
    });
    const stepfunctions = await Executions.start(model.stateMachines, lambda);
    const control = createControlPlane({ lambda, dynamodb, stepfunctions, logs });
    const gateway = createGateway(model.api ?? { id: "none", routes: [] }, lambda, (entry) =>
      logs.put(ACCESS_LOG, "local", JSON.stringify(entry)),
    );
    // Functions end before what they talk to.
    started.push(
      () => shut(control),
      () => lambda.close(),
      () => stepfunctions.close(),
      () => shut(gateway),
    );
    const controlUrl = `http://127.0.0.1:${await listen(control, options.controlPort ?? 0, "the AWS control plane")}`;
    Object.assign(endpoints, {
      AWS_ENDPOINT_URL_LAMBDA: controlUrl,
      AWS_ENDPOINT_URL_DYNAMODB: controlUrl,
      AWS_ENDPOINT_URL_SFN: controlUrl,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: controlUrl,
    });
    const gatewayPort = await listen(gateway, options.gatewayPort ?? 0, "the API gateway");
    return {
      gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
      endpoints: { lambda: controlUrl, dynamodb: controlUrl, stepfunctions: controlUrl },
      environment: {
        AWS_ENDPOINT_URL_LAMBDA: controlUrl,
        AWS_ENDPOINT_URL_DYNAMODB: controlUrl,
        AWS_ENDPOINT_URL_SFN: controlUrl,
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: controlUrl,
        AWS_REGION: REGION,
        ...dummyCredentials,
      },
      functions: model.functions.map((f) => f.name),
      notEmulated: model.notEmulated,
      stats: () => lambda.stats(),
      sweepExpired: () => dynamodb.ttl.sweep(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startSupervisor(): Supervisor {
  try {
    return superviseChildren();
  } catch (error) {
    throw new LocalAwsUnavailable(error instanceof Error ? error.message : String(error), "ESPAWN");
  }
}
