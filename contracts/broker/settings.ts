import { UsageError } from "../../gates/exit.ts";

/** A Pact Broker, and how to be let in. */
export interface Broker {
  /** Without a slash at its end. */
  readonly url: string;
  /** The value of the Authorization header. */
  readonly authorization?: string;
  /** The variables that the pact-broker client reads; never command-line arguments, which anybody may see. */
  readonly env: Readonly<Record<string, string>>;
  /** Redacted in whatever is printed. */
  readonly secrets: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** The broker that the environment names, by the variables that Pact's own tools read; undefined: there is none. */
export function readBroker(env: Env): Broker | undefined {
  const { PACT_BROKER_BASE_URL, PACT_BROKER_TOKEN, PACT_BROKER_USERNAME, PACT_BROKER_PASSWORD } = env;
  if (PACT_BROKER_BASE_URL === undefined || PACT_BROKER_BASE_URL === "") return undefined;
  if (!URL.canParse(PACT_BROKER_BASE_URL) || !/^https?:/.test(PACT_BROKER_BASE_URL))
    throw new UsageError({
      what: "The address of the Pact Broker is none.",
      where: "PACT_BROKER_BASE_URL",
      got: PACT_BROKER_BASE_URL,
      wanted: "an http or https URL",
    });
  const basic = `${PACT_BROKER_USERNAME ?? ""}:${PACT_BROKER_PASSWORD ?? ""}`;
  const authorization = PACT_BROKER_TOKEN
    ? `Bearer ${PACT_BROKER_TOKEN}`
    : PACT_BROKER_USERNAME
      ? `Basic ${Buffer.from(basic).toString("base64")}`
      : undefined;
  return {
    url: PACT_BROKER_BASE_URL.replace(/\/+$/, ""),
    ...(authorization !== undefined && { authorization }),
    env: {
      PACT_BROKER_BASE_URL,
      ...(PACT_BROKER_TOKEN && { PACT_BROKER_TOKEN }),
      ...(PACT_BROKER_USERNAME && { PACT_BROKER_USERNAME }),
      ...(PACT_BROKER_PASSWORD && { PACT_BROKER_PASSWORD }),
    },
    secrets: [PACT_BROKER_TOKEN ?? "", PACT_BROKER_PASSWORD ?? ""].filter((secret) => secret !== ""),
  };
}
