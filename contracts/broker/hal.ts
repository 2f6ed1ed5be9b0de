import { type CutoverError, TargetError, UsageError } from "../../gates/exit.ts";
import type { Broker } from "./settings.ts";

/** A resource of the broker (application/hal+json). */
export interface Resource {
  readonly _links?: Readonly<Record<string, { readonly href: string } | undefined>>;
  readonly [member: string]: unknown;
}

/** For one request, milliseconds. */
const TIMEOUT_MS = 20_000;

/**
 * Asks the broker.
 * @throws TargetError (exit 69) when it cannot be reached, fails or answers nonsense; UsageError (exit 64) when it
 *   does not let us in or does not know the thing
 */
export async function ask(
  broker: Broker,
  href: string,
  send?: { readonly method: "POST" | "PUT"; readonly body: unknown },
): Promise<Resource> {
  const url = new URL(href, `${broker.url}/`).href;
  const { status, text } = await answerOf(broker, url, send);
  if (status < 200 || status > 299) throw refusal(url, status, text);
  if (text === "" && send !== undefined) return {};
  try {
    const resource: unknown = JSON.parse(text);
    if (typeof resource === "object" && resource !== null) return resource as Resource;
  } catch {
    // Falls through.
  }
  throw nonsense(url, text.slice(0, 200), "a resource as application/hal+json");
}

async function answerOf(
  broker: Broker,
  url: string,
  send: { readonly method: "POST" | "PUT"; readonly body: unknown } | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      method: send?.method ?? "GET",
      headers: {
        accept: "application/hal+json, application/json",
        ...(send && { "content-type": "application/json" }),
        ...(broker.authorization !== undefined && { authorization: broker.authorization }),
      },
      ...(send && { body: JSON.stringify(send.body) }),
      // A link that leads away must not take the credentials with it.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new TargetError(
      {
        what: "The Pact Broker cannot be reached.",
        where: url,
        got: cause?.code ?? message,
        wanted: "a Pact Broker",
        next: "Correct PACT_BROKER_BASE_URL, or leave it unset to work without a broker.",
      },
      error,
    );
  }
}

function refusal(url: string, status: number, text: string): CutoverError {
  if (status === 401 || status === 403)
    return new UsageError({
      what: "The Pact Broker does not let us in; nothing was published.",
      where: url,
      got: `${status}`,
      wanted: "a token or password that may read and write",
      next: "Set PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD.",
    });
  return new TargetError({
    what: "The Pact Broker refused a request.",
    where: url,
    got: `${status} ${text.slice(0, 300)}`.trim(),
    wanted: "2xx",
  });
}

export function nonsense(url: string, got: string, wanted: string): TargetError {
  return new TargetError({
    what: "What answers is no Pact Broker.",
    where: url,
    got: got === "" ? "an empty answer" : got,
    wanted,
    next: "Correct PACT_BROKER_BASE_URL.",
  });
}

/** The address a resource links to, its `{parameters}` filled in. @throws TargetError when there is none */
export function linkOf(
  resource: Resource,
  name: string,
  from: string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const href = resource._links?.[name]?.href;
  if (typeof href !== "string") throw nonsense(from, `no link ${name}`, `the link ${name}`);
  return href.replace(/\{([^}]+)\}/g, (_, parameter: string) =>
    encodeURIComponent(parameters[parameter] ?? ""),
  );
}
