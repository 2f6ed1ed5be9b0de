import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { ResolvedTarget } from "../../gates/config.ts";
import type { FunctionFacts } from "../../gates/evidence/index.ts";
import { TargetError } from "../../gates/exit.ts";

/**
 * How each function is configured now, for the record: a cold start means little without its memory size.
 * @throws TargetError (exit 69) for a function that is missing or may not be read
 */
export async function functionFacts(
  lambda: NonNullable<ResolvedTarget["lambda"]>,
  env: Readonly<Record<string, string>>,
): Promise<FunctionFacts[]> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const client = new LambdaClient({
    region: lambda.region,
    ...(lambda.endpoint !== undefined && { endpoint: lambda.endpoint }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  });
  try {
    return await Promise.all(
      lambda.functions.map(async ({ name, weight }) => {
        const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
        return {
          name,
          weight,
          ...(found.Runtime && { runtime: found.Runtime }),
          ...(found.Architectures?.[0] && { architecture: found.Architectures[0] }),
          ...(found.MemorySize && { memoryMb: found.MemorySize }),
          ...(found.Timeout && { timeoutS: found.Timeout }),
          ...(found.CodeSha256 && { codeSha256: found.CodeSha256 }),
        };
      }),
    );
  } catch (error) {
    throw new TargetError(
      {
        what: "A Lambda function's configuration cannot be read.",
        where: lambda.endpoint ?? `AWS Lambda in ${lambda.region}`,
        got: `${(error as Error).name}: ${(error as Error).message}`,
        wanted:
          "every function of targets.<name>.lambda.functions, and lambda:GetFunctionConfiguration on each",
      },
      error,
    );
  } finally {
    client.destroy();
  }
}
