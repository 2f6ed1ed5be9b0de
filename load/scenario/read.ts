import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { UsageError } from "../../gates/exit.ts";
import { compileFlow } from "./compile.ts";
import type { Scenario } from "./types.ts";

const FOLDER = join(import.meta.dirname, "../scenarios");

/** Given to every user: the run, the user's number in it from 0, and the run's seed. */
const givenNames = ["runId", "user", "seed"];

/** The file of a bundled scenario. @throws UsageError that lists those there are */
export function scenarioFile(name: string): string {
  const known = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml"));
  if (known.includes(`${name}.yaml`)) return join(FOLDER, `${name}.yaml`);
  throw new UsageError({
    what: "There is no such scenario.",
    where: "load.scenario",
    got: name,
    wanted: `one of ${known.map((file) => basename(file, ".yaml")).join(", ")} (load/scenarios/)`,
  });
}

/** Reads a bundled scenario. @throws UsageError when there is none, or when it asks for what the engine lacks */
export function readScenario(name: string): Scenario {
  const file = scenarioFile(name);
  return toScenario(parse(readFileSync(file, "utf8"), { merge: true }), `load/scenarios/${name}.yaml`);
}

/** Checks an Artillery script, wherever it was parsed. @throws UsageError */
export function toScenario(script: unknown, file: string): Scenario {
  const { config, scenarios } = (script ?? {}) as {
    readonly config?: { readonly variables?: Readonly<Record<string, unknown>> };
    readonly scenarios?: readonly { readonly name?: string; readonly flow?: unknown }[];
  };
  if (!Array.isArray(scenarios) || scenarios.length !== 1) {
    throw new UsageError({
      what: "A scenario file holds exactly one scenario.",
      where: file,
      got: `${Array.isArray(scenarios) ? scenarios.length : 0}`,
      wanted: "1",
    });
  }
  const [only] = scenarios;
  const variables = Object.fromEntries(
    Object.entries(config?.variables ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? value : [value],
    ]),
  );
  const flow = compileFlow(only?.flow, file, [...givenNames, ...Object.keys(variables)]);
  return { name: only?.name ?? basename(file, ".yaml"), file, variables, flow };
}
