import { TargetError } from "../../gates/exit.ts";
import { runClient } from "./client.ts";
import { ask, linkOf } from "./hal.ts";
import type { Broker } from "./settings.ts";

/**
 * Publishes every pact of a folder as those of one version of its consumer.
 * @throws UsageError when the broker does not let us in, before anything is published; TargetError when it refuses
 */
export async function publishPacts(
  broker: Broker,
  dir: string,
  version: string,
  branch: string,
): Promise<void> {
  // Whether it is a broker, and lets us in, is asked before the first pact goes out.
  linkOf(await ask(broker, ""), "pb:publish-contracts", broker.url);
  const { code, stdout, stderr } = await runClient(broker, [
    "publish",
    dir,
    "--consumer-app-version",
    version,
    "--branch",
    branch,
  ]);
  if (code === 0) return;
  throw new TargetError({
    what: "The pacts could not be published.",
    where: broker.url,
    got:
      [stdout, stderr]
        .filter((text) => text !== "")
        .join("\n")
        .slice(-1000) || `exit code ${code}`,
    wanted: "every pact taken",
  });
}
