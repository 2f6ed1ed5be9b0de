import type { PactResult } from "../../gates/evidence/index.ts";
import { ask, linkOf } from "./hal.ts";
import type { BrokerPact } from "./pacts.ts";
import type { Broker } from "./settings.ts";

/** What the broker knows a verified system by. */
export interface ProviderVersion {
  readonly provider: string;
  /** `<commit>-<target>`: under one shared version the results of both systems would mix. */
  readonly version: string;
  readonly branch: string;
}

export const versionOf = (commit: string, target: string): string => `${commit}-${target}`;

/**
 * Publishes one result for each pact, after all of them are known. Pact's own verifier would publish as it goes, and a
 * success also where a state was missing.
 * @throws TargetError, UsageError as `ask`
 */
export async function publishResults(
  broker: Broker,
  { provider, version, branch }: ProviderVersion,
  pacts: readonly BrokerPact[],
  results: readonly PactResult[],
): Promise<void> {
  const root = await ask(broker, "");
  // The branch first: a result of a version without a branch would count for none.
  const pacticipant = await ask(
    broker,
    linkOf(root, "pb:pacticipant", broker.url, { pacticipant: provider }),
  );
  await ask(broker, linkOf(pacticipant, "pb:branch-version", broker.url, { branch, version }), {
    method: "PUT",
    body: {},
  });
  for (const pact of pacts) {
    const own = results.filter(
      (result) => result.consumer === pact.consumer && result.version === pact.version,
    );
    await ask(broker, pact.resultsHref, {
      method: "POST",
      body: {
        success: own.length > 0 && own.every(kept),
        providerApplicationVersion: version,
        verifiedBy: { implementation: "Cutover, over pact-js" },
        testResults: own.map((result) => ({
          interactionDescription: result.interaction,
          success: kept(result),
          mismatches: result.findings.map(({ path, message }) => ({
            attribute: "body",
            identifier: path,
            description: message,
          })),
        })),
      },
    });
  }
}

/** A pending interaction that held has kept its promise as well. */
function kept({ outcome, findings }: PactResult): boolean {
  return outcome === "verified" || (outcome === "pending" && findings.length === 0);
}
