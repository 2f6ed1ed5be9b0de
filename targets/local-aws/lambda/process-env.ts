import { randomUUID } from "node:crypto";
import { dummyCredentials, REGION } from "../identity.ts";
import type { FunctionVersion } from "./types.ts";

/**
 * The variables a function finds, as Lambda sets them, with the function's own last. Nothing of this process's
 * environment is passed on: a function that needs a variable has to say so in the template.
 */
export function processEnvironment(
  fn: FunctionVersion,
  runtimeApi: string,
  endpoints: Readonly<Record<string, string>>,
): Record<string, string> {
  const now = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    LAMBDA_TASK_ROOT: fn.codeDir,
    _HANDLER: fn.handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: fn.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${now}/[${fn.version}]${randomUUID().replaceAll("-", "")}`,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    ...dummyCredentials,
    AWS_SESSION_TOKEN: "local",
    ...endpoints,
    ...fn.environment,
  };
}
