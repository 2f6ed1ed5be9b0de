import { UsageError } from "../../gates/exit.ts";

/** The one pacticipant behind both targets: with two names every pact would have to exist twice. */
export const provider = "billing-api";

/** Where the consumer tests write their pacts. */
export function pactDir(): string {
  const dir = process.env.CUTOVER_PACT_DIR;
  if (dir !== undefined && dir !== "") return dir;
  throw new UsageError({
    what: "The consumer tests do not know where to write their pacts.",
    where: "CUTOVER_PACT_DIR",
    got: "nothing",
    wanted: "a folder",
    next: "npm run pact starts them.",
  });
}
