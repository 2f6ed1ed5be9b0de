import { UsageError } from "../../gates/exit.ts";
import { type Flag, type FlagValues, text, wholeNumber } from "./cli.ts";
import { gitFacts } from "./facts.ts";
import { configure } from "./verification.ts";

/** Flags that say what is deployed where. */
export const deploymentFlags = {
  target: { value: "NAME", says: "the target to be deployed" },
  to: { value: "ENVIRONMENT", says: "where to, such as production" },
  commit: { value: "SHA", says: "of which commit (default: what is checked out)" },
} as const satisfies Record<string, Flag>;

/** @throws UsageError for what is missing, unknown or no number */
export async function readDeployment(command: string, flags: FlagValues) {
  const target = needed("target", "serverless");
  const environment = needed("to", "production");
  // An unknown target is refused here.
  configure({ target: [target] });
  const commit = text(flags, "commit") ?? (await gitFacts()).commit;
  return {
    target,
    environment,
    commit,
    retry: { times: wholeNumber(flags, "tries", 1) - 1, seconds: wholeNumber(flags, "interval", 10) },
  };

  function needed(flag: string, example: string): string {
    const value = text(flags, flag);
    if (value !== undefined && value !== "") return value;
    throw new UsageError({
      what: `npm run ${command} needs to know more.`,
      where: `--${flag}`,
      got: "nothing",
      wanted: `a name, such as ${example}`,
      next: `npm run ${command} -- --target serverless --to production`,
    });
  }
}
