import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../gates/exit.ts";
import * as s from "../../gates/shape.ts";
import type { Expectation, Pact } from "./types.ts";

const anything: s.Shape<unknown> = { wanted: "anything", check: () => undefined };
const named = s.object({ name: s.name });
const shared = {
  description: s.name,
  pending: s.optional(s.flag),
  providerStates: s.optional(s.list(s.object({ name: s.name }))),
};
const http = s.object({
  ...shared,
  type: s.oneOf("Synchronous/HTTP"),
  request: s.object({ method: s.name, path: s.name }),
  response: s.object({ status: s.positiveCount }),
});
const message = s.object({
  ...shared,
  type: s.oneOf("Asynchronous/Messages"),
  contents: s.object({ content: anything }),
});
const interaction: s.Shape<unknown> = {
  wanted: "an HTTP interaction or a message of Pact 4",
  check(value, pointer, issues) {
    const { type } = (value ?? {}) as { readonly type?: unknown };
    (type === "Asynchronous/Messages" ? message : http).check(value, pointer, issues);
  },
};
const pactShape = s.object({ consumer: named, provider: named, interactions: s.list(interaction) });

/**
 * Every pact of a folder.
 * @throws UsageError when there is none, or one that cannot be understood or promises nothing
 */
export function readPacts(dir: string): readonly Pact[] {
  const files =
    existsSync(dir) && statSync(dir).isDirectory()
      ? globSync("*.json", { cwd: dir })
          .sort()
          .map((name) => join(dir, name))
      : [];
  if (files.length > 0) return files.map((file) => parsePact(readFileSync(file, "utf8"), file));
  throw new UsageError({
    what: "There are no pacts to verify.",
    where: dir,
    got: "no *.json",
    wanted: "the pact of at least one consumer",
    next: "npm run pact without --pacts makes those of the bundled consumers.",
  });
}

/** A pact from its text. @throws UsageError as `readPacts` */
export function parsePact(
  text: string,
  source: string,
  more: { readonly version?: string; readonly pending?: boolean } = {},
): Pact {
  const document = parse(text);
  const [issue] =
    document === undefined
      ? [{ pointer: "", got: `${text.length} characters that are no JSON`, wanted: "JSON" }]
      : s.issuesOf(pactShape, document);
  if (issue !== undefined) {
    throw new UsageError({
      what: "This pact cannot be read.",
      where: `${source}${issue.pointer === "" ? "" : `#${issue.pointer}`}`,
      got: issue.got,
      wanted: issue.wanted,
      next: "Let its consumer write it again, as a pact of specification 4.",
    });
  }
  const pact = document as Pick<Pact, "interactions"> & Record<"consumer" | "provider", { name: string }>;
  if (pact.interactions.length === 0) {
    throw new UsageError({
      what: `The pact of ${pact.consumer.name} has no interaction: verifying it would pass without checking anything.`,
      where: source,
      got: "0 interactions",
      wanted: "at least one",
      next: "Run the consumer's tests, or leave its pact out.",
    });
  }
  const { version, pending = false } = more;
  return {
    consumer: pact.consumer.name,
    provider: pact.provider.name,
    interactions: pact.interactions,
    source,
    pending,
    ...(version !== undefined && { version }),
    document: document as Pact["document"],
  };
}

/** The interactions of all pacts. */
export function expectationsOf(pacts: readonly Pact[]): readonly Expectation[] {
  return pacts.flatMap(({ consumer, version, pending, interactions }) =>
    interactions.map((interaction) => ({
      consumer,
      pending,
      interaction,
      ...(version !== undefined && { version }),
    })),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
