import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { TargetError } from "../../gates/exit.ts";

/** The variable whose change makes Lambda throw away a function's environments. */
export const MARKER = "CUTOVER_COLD_START";
const UPDATE_S = 60;

export type Variables = Readonly<Record<string, string>>;

export interface Invocation {
  /** What the client waited. */
  readonly clientMs: number;
  readonly requestId: string | undefined;
  /** The last 4 KB of the function's log. */
  readonly log: string;
  /** The function's own error, if it answered with one. */
  readonly functionError: string | undefined;
}

/** The four things the prober does with a function. */
export interface FunctionControl {
  /** @throws TargetError when it is missing or may not be read */
  variables(name: string): Promise<Variables>;
  /** Changes the environment variables, and waits until the change is in force. @throws TargetError */
  setVariables(name: string, variables: Variables): Promise<void>;
  /** @throws what the SDK throws when the invocation could not be made */
  invoke(name: string, payload: unknown): Promise<Invocation>;
  close(): void;
}

/** `env` holds what the AWS SDK would read from the environment; where it says nothing, the environment holds. */
export function lambdaControl(
  endpoint: string | undefined,
  region: string,
  env: Readonly<Record<string, string>>,
): FunctionControl {
  const url = endpoint ?? env.AWS_ENDPOINT_URL_LAMBDA;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = env;
  const client = new LambdaClient({
    region,
    maxAttempts: 1,
    ...(url !== undefined && { endpoint: url }),
    ...(id !== undefined &&
      secret !== undefined && {
        credentials: {
          accessKeyId: id,
          secretAccessKey: secret,
          ...(session !== undefined && { sessionToken: session }),
        },
      }),
  });
  const pollS = url !== undefined && isLoopback(url) ? 0.01 : 1;
  const asked = async <T>(name: string, what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw refused(name, what, error);
    }
  };
  return {
    variables: (name) =>
      asked(name, "lambda:GetFunctionConfiguration", async () => {
        const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
        return found.Environment?.Variables ?? {};
      }),
    setVariables: (name, Variables) =>
      asked(name, "lambda:UpdateFunctionConfiguration and lambda:GetFunction", async () => {
        await client.send(
          new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } }),
        );
        await waitUntilFunctionUpdatedV2(
          { client, maxWaitTime: UPDATE_S, minDelay: pollS, maxDelay: Math.max(pollS, 1) },
          { FunctionName: name },
        );
      }),
    async invoke(name, payload) {
      const command = new InvokeCommand({
        FunctionName: name,
        LogType: "Tail",
        Payload: JSON.stringify(payload),
      });
      const from = performance.now();
      const answer = await client.send(command);
      const clientMs = performance.now() - from;
      return {
        clientMs,
        requestId: answer.$metadata.requestId,
        log: Buffer.from(answer.LogResult ?? "", "base64").toString("utf8"),
        functionError:
          answer.FunctionError === undefined
            ? undefined
            : `${answer.FunctionError}: ${answer.Payload?.transformToString().slice(0, 300) ?? ""}`,
      };
    },
    close: () => client.destroy(),
  };
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

function refused(name: string, permission: string, cause: unknown): TargetError {
  const error = cause as Error;
  const denied = /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|CredentialsProvider/.test(
    error.name,
  );
  const missing = error.name === "ResourceNotFoundException";
  return new TargetError(
    {
      what: missing
        ? `There is no function ${name}.`
        : denied
          ? `AWS does not let us measure ${name}.`
          : `${name} could not be prepared for a cold start.`,
      where: `lambda.functions, ${name}`,
      got: `${error.name}: ${error.message}`,
      next: missing
        ? "Name the functions as they are deployed, and the region they are in."
        : `The caller needs ${permission} and lambda:InvokeFunction, and nobody else may change the function now.`,
    },
    cause,
  );
}
