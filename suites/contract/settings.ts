import { basename } from "node:path";
import type { WebhookReceiver } from "../../gates/config.ts";
import { bundledModel, loadSpecs, type OperationModel } from "../../openapi/model/index.ts";

/** One system to test, by its URL alone. */
export interface ContractTarget {
  readonly name: string;
  readonly url: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Requests in flight, races apart; 8 unless told. Each needs an execution environment of its own: a machine
   * that has to evict some for others starts cold again and again.
   */
  readonly atOnce?: number;
  /** Of these one that reads and one that writes for each resource: those are served by different functions. */
  readonly onePerResource?: boolean;
  /** Where its webhooks are received; on loopback at any port unless told. */
  readonly webhookReceiver?: WebhookReceiver;
}

/** What the parent process told the workers, through the environment. */
export interface Settings {
  readonly targets: readonly ContractTarget[];
  readonly model: OperationModel;
  /** The run's folder; without one no evidence is written. */
  readonly runDir: string | undefined;
  /** Carried by the names of the accounts that the tests create. */
  readonly runId: string;
  readonly seed: number;
  /** Case numbers or operationIds; none means all. */
  readonly cases: readonly string[];
}

let known: Settings | undefined;

/** Read once in a process. `CUTOVER_TARGETS` is JSON: a list of targets. */
export function settings(): Settings {
  known ??= readSettings(process.env);
  return known;
}

function readSettings(env: NodeJS.ProcessEnv): Settings {
  const specs = list(env.CUTOVER_SPECS);
  let model: OperationModel | undefined;
  return {
    targets: JSON.parse(env.CUTOVER_TARGETS ?? "[]") as readonly ContractTarget[],
    // When it is first asked for: the process that only reports needs it at the end.
    get model() {
      model ??= specs.length === 0 ? bundledModel() : loadSpecs(specs);
      return model;
    },
    runDir: env.CUTOVER_RUN_DIR,
    runId: env.CUTOVER_RUN_DIR === undefined ? "no-run" : basename(env.CUTOVER_RUN_DIR),
    seed: Number(env.CUTOVER_SEED ?? 1),
    cases: list(env.CUTOVER_CASES),
  };
}

function list(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").filter((part) => part !== "");
}
