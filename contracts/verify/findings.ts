import type { PactFinding } from "../../gates/evidence/index.ts";
import { toCurl } from "../../openapi/client/index.ts";
import type { NativeMismatch, Verified } from "./job.ts";

/** What is wrong, in our words: one finding for each place. */
export function findingsOf({ mismatches, request }: Verified): readonly PactFinding[] {
  const curl =
    request &&
    toCurl({
      request: { ...request, body: request.body === undefined ? undefined : Buffer.from(request.body) },
    });
  return mismatches
    .flatMap(placesOf)
    .map((place) => ({ ...place, ...(curl !== undefined && { curl }) }))
    .filter((one, at, all) => all.findIndex(({ message }) => message === one.message) === at);
}

type Place = Pick<PactFinding, "path" | "expected" | "got" | "message">;

function placesOf(mismatch: NativeMismatch): readonly Place[] {
  const missing = missingMembers(mismatch);
  if (missing.length > 0)
    return missing.map((name) => ({
      path: `${mismatch.path ?? "$"}.${name}`,
      expected: "the member",
      got: "nothing",
      message: `${mismatch.path ?? "$"}.${name} is missing`,
    }));
  const path = pathOf(mismatch);
  const got = show(mismatch.actual);
  return [
    {
      path,
      expected: show(mismatch.expected),
      got,
      message: `${path}: ${mismatch.mismatch ?? `expected ${show(mismatch.expected)}, got ${got}`}`,
    },
  ];
}

/** Pact names all missing members at once, at their parent. */
function missingMembers({ mismatch = "" }: NativeMismatch): readonly string[] {
  return /is missing the following keys: (.+)$/.exec(mismatch)?.[1]?.split(", ") ?? [];
}

function pathOf({ type, path, key }: NativeMismatch): string {
  if (type === "StatusMismatch") return "status";
  if (type === "HeaderMismatch") return `header ${key ?? ""}`;
  if (type === "MetadataMismatch") return `metadata ${key ?? ""}`;
  return path ?? "$";
}

const LONGEST = 200;

function show(value: unknown): string {
  if (value === undefined || value === "" || value === null) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
