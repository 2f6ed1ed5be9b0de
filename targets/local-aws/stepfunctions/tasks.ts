import { AwsError } from "../errors.ts";
import type { LambdaService } from "../lambda/service.ts";
import { invokeResource, type TaskState } from "./definition.ts";

type Json = Record<string, unknown>;

/** What a state may pass on, in bytes. */
export const MAX_STATE_BYTES = 256 * 1024;

/** A task's failure under the name that `Retry` and `Catch` match; the message is the `Cause`. */
export class TaskFailure extends Error {
  override readonly name: string;
  // Read by the library: some failures no rule may handle.
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, handleable = true) {
    super(cause);
    this.name = name;
    this.isRetryable = handleable;
    this.isCatchable = handleable;
  }
}

/** Runs a task's function with what its state's input and parameters made. Throws {@link TaskFailure}. */
export async function runTask(task: TaskState, input: unknown, lambda: LambdaService): Promise<unknown> {
  const call =
    task.resource === invokeResource
      ? readParameters(input)
      : { functionName: task.resource, payload: input };
  if (call.event) {
    const requestId = await attempt(async () =>
      lambda.invokeEvent({ ...call, payload: toText(call.payload) }),
    );
    return { StatusCode: 202, Payload: "", SdkResponseMetadata: { RequestId: requestId } };
  }
  const result = await attempt(() => lambda.invoke({ ...call, payload: toText(call.payload) }));
  const text = result.payload.toString();
  if (result.errorType !== undefined) throw new TaskFailure(result.errorType, text);
  if (result.payload.length > MAX_STATE_BYTES)
    throw new TaskFailure(
      "States.DataLimitExceeded",
      `The state/task '${task.name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      false,
    );
  const payload: unknown = JSON.parse(text);
  if (task.resource !== invokeResource) return payload;
  return {
    ExecutedVersion: result.executedVersion,
    Payload: payload,
    StatusCode: 200,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: result.requestId },
  };
}

interface Call {
  readonly functionName: string;
  readonly qualifier?: string;
  readonly payload: unknown;
  readonly event?: boolean;
}

function readParameters(input: unknown): Call {
  const { FunctionName, Qualifier, Payload = {}, InvocationType } = (input ?? {}) as Json;
  if (typeof FunctionName !== "string")
    throw new TaskFailure("States.Runtime", "The Parameters have no FunctionName", false);
  return {
    functionName: FunctionName,
    payload: Payload,
    ...(typeof Qualifier === "string" && { qualifier: Qualifier }),
    ...(InvocationType === "Event" && { event: true }),
  };
}

/** Lambda's refusals are `Lambda.<name>`, such as `Lambda.TooManyRequestsException`. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new TaskFailure(
      `Lambda.${error.name}`,
      `${error.message} (Service: Lambda, Status Code: ${error.status})`,
    );
  }
}

const toText = (payload: unknown): string => JSON.stringify(payload ?? null);
