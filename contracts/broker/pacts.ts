import { UsageError } from "../../gates/exit.ts";
import { parsePact } from "../pacts/read.ts";
import type { Pact } from "../pacts/types.ts";
import { ask, linkOf, nonsense, type Resource } from "./hal.ts";
import type { Broker } from "./settings.ts";

/** A pact as the broker holds it, and where the result of verifying it goes. */
export interface BrokerPact extends Pact {
  readonly resultsHref: string;
}

/** Which consumers' versions a provider has to be verified against. */
const SELECTORS = [{ mainBranch: true }, { matchingBranch: true }, { deployedOrReleased: true }];

interface Listed {
  readonly verificationProperties?: { readonly pending?: boolean };
  readonly _links?: Readonly<Record<string, { readonly href: string; readonly name?: string } | undefined>>;
}

/**
 * The pacts that the broker wants verified: those of the main branches, of the same branch, of what is deployed or
 * released, and work in progress of the last while; each with whether it is pending on this branch.
 * @throws UsageError when there is none, TargetError as `ask`
 */
export async function fetchPacts(
  broker: Broker,
  provider: string,
  branch: string,
  includeWipPactsSince?: string,
): Promise<readonly BrokerPact[]> {
  const root = await ask(broker, "");
  const href = linkOf(root, "pb:provider-pacts-for-verification", broker.url, { provider });
  const list = await ask(broker, href, {
    method: "POST",
    body: {
      consumerVersionSelectors: SELECTORS,
      providerVersionBranch: branch,
      includePendingStatus: true,
      ...(includeWipPactsSince !== undefined && { includeWipPactsSince }),
    },
  });
  const { pacts } = (list._embedded ?? {}) as { readonly pacts?: readonly Listed[] };
  if (!Array.isArray(pacts)) throw nonsense(href, "no list of pacts", "_embedded.pacts");
  if (pacts.length === 0)
    throw new UsageError({
      what: "The broker holds no pact that its selectors choose.",
      where: href,
      got: "0 pacts",
      wanted: "at least one pact of a main branch, of this branch, or deployed",
      next: "Publish the consumers' pacts, or record what is deployed.",
    });
  return Promise.all(pacts.map((listed: Listed) => fetchPact(broker, listed, href)));
}

async function fetchPact(broker: Broker, listed: Listed, from: string): Promise<BrokerPact> {
  const href = listed._links?.self?.href;
  if (href === undefined) throw nonsense(from, "a pact without an address", "_links.self");
  const resource: Resource = await ask(broker, href);
  const version = resource._links?.["pb:consumer-version"] as { readonly name?: string } | undefined;
  const pact = parsePact(JSON.stringify(resource), href, {
    pending: listed.verificationProperties?.pending === true,
    ...(version?.name !== undefined && { version: version.name }),
  });
  return { ...pact, resultsHref: linkOf(resource, "pb:publish-verification-results", href) };
}
