import { TargetError, UsageError } from "../../gates/exit.ts";
import { runClient } from "./client.ts";
import { ask } from "./hal.ts";
import type { Broker } from "./settings.ts";

/** Whether a version may go to an environment. What is not known is no. */
export interface DeployAnswer {
  readonly answer: "yes" | "no" | "unknown";
  readonly why: string;
}

export interface Deployment {
  readonly provider: string;
  readonly version: string;
  readonly environment: string;
}

interface Summary {
  readonly deployable?: boolean | null;
  readonly reason?: string;
  readonly failed?: number;
  readonly unknown?: number;
}

/** Asks the broker, by its own client. @throws TargetError, UsageError as `ask`, and when the client answers nonsense */
export async function canIDeploy(
  broker: Broker,
  { provider, version, environment }: Deployment,
  retry: { readonly times: number; readonly seconds: number } = { times: 0, seconds: 10 },
): Promise<DeployAnswer> {
  await ask(broker, "");
  const { code, stdout, stderr } = await runClient(broker, [
    ...["can-i-deploy", "--pacticipant", provider, "--version", version],
    ...["--to-environment", environment, "--output", "json"],
    ...["--retry-while-unknown", String(retry.times), "--retry-interval", String(retry.seconds)],
  ]);
  const summary = summaryIn(stdout);
  if (summary === undefined)
    throw new TargetError({
      what: "The broker gave no answer to whether this may be deployed.",
      where: broker.url,
      got: (stderr || stdout).slice(0, 500) || `exit code ${code}`,
      wanted: "a matrix with a summary",
    });
  const why = summary.reason ?? "the broker gives no reason";
  // Its exit code has the last word: a yes takes both.
  if (code === 0 && summary.deployable === true) return { answer: "yes", why };
  return { answer: summary.deployable === false && (summary.failed ?? 0) > 0 ? "no" : "unknown", why };
}

function summaryIn(stdout: string): Summary | undefined {
  const start = stdout.indexOf("{");
  try {
    return (JSON.parse(stdout.slice(start, stdout.lastIndexOf("}") + 1)) as { summary?: Summary }).summary;
  } catch {
    return undefined;
  }
}

/**
 * Tells the broker that a version now runs as one of the application's instances. Monolith and serverless are both
 * deployed for as long as the shift takes, so that every consumer needs both.
 */
export async function recordDeployment(
  broker: Broker,
  { provider, version, environment }: Deployment,
  instance: string,
): Promise<void> {
  await ask(broker, "");
  const { code, stdout, stderr } = await runClient(broker, [
    ...["record-deployment", "--pacticipant", provider, "--version", version],
    ...["--environment", environment, "--application-instance", instance],
  ]);
  if (code === 0) return;
  throw new UsageError({
    what: "The deployment was not recorded.",
    where: broker.url,
    got: (stderr || stdout).slice(0, 500) || `exit code ${code}`,
    wanted: `${version} known to the broker, and the environment ${environment}`,
    next: "Verify this commit first: npm run pact",
  });
}
