import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { UsageError } from "../../gates/exit.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { compileFlow } from "./compile.ts";
import { type Json, names, object, onlyKeys, refuse, text, texts, whole } from "./refuse.ts";
import { lowerCased, Reading } from "./request.ts";
import { smokeScript } from "./smoke.ts";
import { hasHole } from "./template.ts";
import type { Scenario, Setup, Step } from "./types.ts";

const FOLDER = join(import.meta.dirname, "../scenarios");

/** Given to every user: the run, the user's number in it from 0, the run's seed, and the worker's number. */
const givenNames = ["runId", "user", "seed", "world", "target"];
const artilleryNames = ["$uuid", "$loopCount", "$loopElement", "$env", "$environment", "$testId", "$dirname"];
const configKeys = [
  "engines",
  "engine",
  "variables",
  "payload",
  "processor",
  "defaults",
  "http",
  "phases",
  "target",
];
const hookKeys = ["beforeRequest", "afterResponse", "beforeScenario", "afterScenario", "onError"] as const;
const scenarioKeys = ["name", "engine", "flow", "weight", "setup", ...hookKeys];

/** Not a file: generated from whatever documents there are. */
export const SMOKE = "smoke";

/** The file of a scenario: a bundled one by its name, or any by its path. @throws UsageError that lists those there are */
export function scenarioFile(name: string): string {
  if (/\.(ya?ml|json)$/.test(name)) return resolve(name);
  const known = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml"));
  if (known.includes(`${name}.yaml`)) return join(FOLDER, `${name}.yaml`);
  throw new UsageError({
    what: "There is no such scenario.",
    where: "load.scenario",
    got: name,
    wanted: `one of ${known.map((file) => basename(file, ".yaml")).join(", ")}, ${SMOKE}, or a path to an Artillery file`,
  });
}

/**
 * Reads a scenario by its name or path.
 * @param specs the documents that `smoke` is generated from
 * @throws UsageError when there is none, or when it asks for what the engine lacks
 */
export function readScenario(name: string, specs: readonly string[] = []): Scenario {
  if (name === SMOKE) return toScenario(smokeScript(loadSpecs(specs)), SMOKE);
  const file = scenarioFile(name);
  return readScenarioFile(file, file.startsWith(FOLDER) ? `load/scenarios/${name}.yaml` : name);
}

/**
 * The file that Artillery reads for a scenario; one is written for `smoke`.
 * @returns it, and what to do when it is not needed any more
 */
export function scriptFile(
  name: string,
  specs: readonly string[],
): { readonly file: string; readonly remove: () => void } {
  if (name !== SMOKE) return { file: scenarioFile(name), remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "cutover-smoke-"));
  const file = join(folder, "smoke.json");
  writeFileSync(file, JSON.stringify(smokeScript(loadSpecs(specs))));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Reads an Artillery file with one scenario. @throws UsageError */
export function readScenarioFile(file: string, shown = file): Scenario {
  const script = scriptOf(file, shown);
  const config = script?.config ?? {};
  onlyKeys(object(config, `${shown}, config`), configKeys, `${shown}, config`);
  onlyKeys(object(config.http ?? {}, `${shown}, config/http`), ["defaults"], `${shown}, config/http`);
  requirePayloads(config.payload, dirname(file), shown);
  const { processor } = config;
  const functions =
    processor === undefined ? undefined : functionsOf(resolve(dirname(file), String(processor)), shown);
  return {
    ...toScenario(script, shown, functions),
    ...(processor !== undefined && { processor: String(processor) }),
  };
}

function scriptOf(file: string, shown: string): Script | null {
  try {
    return parse(readFileSync(file, "utf8"), { merge: true }) as Script | null;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new UsageError({
      what: "The scenario cannot be read.",
      where: shown,
      got: code === "ENOENT" ? "no such file" : (message.split("\n")[0] ?? ""),
      wanted: "an Artillery file in YAML or JSON",
    });
  }
}

/** Artillery would find out about a file that is not there when the load is about to begin. */
function requirePayloads(given: unknown, folder: string, file: string): void {
  for (const [index, one] of (Array.isArray(given) ? given : [given ?? []]).flat().entries()) {
    const where = `${file}, config/payload/${index}/path`;
    const path = text(object(one, where).path, where);
    if (!existsSync(resolve(folder, path))) throw refuse(where, path, "a CSV file, beside the scenario");
  }
}

interface Script {
  readonly config?: Json;
  readonly scenarios?: readonly Json[];
}

/**
 * Checks an Artillery script with one scenario, wherever it was parsed.
 * @param functions those its processor exports; undefined: it has none
 * @throws UsageError
 */
export function toScenario(script: unknown, file: string, functions?: readonly string[]): Scenario {
  const { config = {}, scenarios } = (script ?? {}) as Script;
  if (!Array.isArray(scenarios) || scenarios.length !== 1) {
    throw new UsageError({
      what: "A scenario file holds exactly one scenario.",
      where: file,
      got: `${Array.isArray(scenarios) ? scenarios.length : 0}`,
      wanted: "1",
    });
  }
  return compileScenario(scenarios[0] as Json, config, file, functions);
}

/** One scenario of a script, with what its configuration says for all of them. @throws UsageError */
export function compileScenario(
  given: Json,
  config: Json,
  file: string,
  functions?: readonly string[],
): Scenario {
  const where = `${file}, flow`;
  onlyKeys(given, scenarioKeys, file);
  const http = object(config.http ?? {}, `${file}, config/http`);
  // As Artillery has it, the first of them that says anything; its http engine makes an empty one.
  const defaults: Json = {
    ...object(config.defaults ?? {}, `${file}, config/defaults`),
    ...object(http.defaults ?? {}, `${file}, config/http/defaults`),
  };
  onlyKeys(defaults, ["headers", "strictCapture"], `${file}, config/defaults`);
  const variables = Object.fromEntries(
    Object.entries(object(config.variables ?? {}, `${file}, config/variables`)).map(([name, value]) => [
      name,
      Array.isArray(value) ? value : [value],
    ]),
  );
  const known = [
    ...givenNames,
    ...artilleryNames,
    ...Object.keys(variables),
    ...payloadNames(config.payload, file),
  ];
  const reading = new Reading(known, functions, defaults.strictCapture !== false);
  const hooks = (key: (typeof hookKeys)[number]): readonly string[] =>
    names(given[key], `${file}, ${key}`).map((name) => reading.functionNamed(name, `${file}, ${key}`));
  const calls = (key: (typeof hookKeys)[number]): readonly Step[] =>
    hooks(key).map((name) => ({ kind: "function", name }));
  const setup = given.setup === undefined ? undefined : readSetup(given.setup, `${file}, setup`, reading);
  const headers = lowerCased(texts(defaults.headers, `${file}, config/defaults/headers`));
  // Artillery fills the configuration with environment variables, before any user is there.
  if (hasHole(headers))
    throw refuse(
      `${file}, config/defaults/headers`,
      JSON.stringify(headers),
      "plain texts: no user's variables",
    );
  return {
    name: typeof given.name === "string" ? given.name : basename(file, ".yaml"),
    file,
    variables,
    headers,
    ...(setup && { setup }),
    flow: [...calls("beforeScenario"), ...compileFlow(given.flow, where, reading), ...calls("afterScenario")],
    hooks: {
      beforeRequest: hooks("beforeRequest"),
      afterResponse: hooks("afterResponse"),
      onError: hooks("onError"),
    },
  };
}

function readSetup(given: unknown, where: string, reading: Reading): Setup {
  const setup = object(given, where);
  onlyKeys(setup, ["times", "flow"], where);
  return {
    times: setup.times === undefined ? 1 : whole(setup.times, `${where}/times`),
    flow: compileFlow(setup.flow, `${where}/flow`, reading),
  };
}

/** The variables that CSV files give: their columns, or one name for all of their rows. */
function payloadNames(given: unknown, file: string): readonly string[] {
  if (given === undefined || given === null) return [];
  return (Array.isArray(given) ? given : [given]).flatMap((one, index) => {
    const where = `${file}, config/payload/${index}`;
    const payload = object(one, where);
    if (payload.loadAll === true) return names(payload.name, `${where}/name`);
    const fields = names(payload.fields, `${where}/fields`);
    if (fields.length === 0) throw refuse(`${where}/fields`, "nothing", "names for the columns");
    return fields;
  });
}

function functionsOf(path: string, file: string): readonly string[] {
  try {
    const exported = createRequire(import.meta.url)(path) as Readonly<Record<string, unknown>>;
    return Object.keys(exported).filter((name) => typeof exported[name] === "function");
  } catch (error) {
    throw refuse(`${file}, config/processor`, (error as Error).message.split("\n")[0], "a module that loads");
  }
}
