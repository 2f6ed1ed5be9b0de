import { UsageError } from "../../gates/exit.ts";
import { parseJsonPath } from "./json-path.ts";
import { foreignHole, namesIn } from "./template.ts";
import type { Capture, JsonPath, Match, PollStep, RequestStep, Step } from "./types.ts";

const methods = ["get", "post", "put", "patch", "delete"] as const;
const requestKeys = ["name", "url", "headers", "json", "expect", "match", "capture"];
type Json = Readonly<Record<string, unknown>>;

/**
 * Turns the flow of an Artillery scenario into steps.
 * @param file for messages
 * @param known names that texts may refer to before anything was captured
 * @throws UsageError that names a step or setting this engine does not have: nothing is ignored
 */
export function compileFlow(flow: unknown, file: string, known: readonly string[]): readonly Step[] {
  const names = new Set(known);
  const at = (path: string): string => `${file}, flow${path}`;
  return list(flow, at("")).map((raw, index) => {
    const step = object(raw, at(`/${index}`));
    const [kind, ...more] = Object.keys(step);
    if (kind === undefined || more.length > 0)
      throw refuse(at(`/${index}`), Object.keys(step).join(", "), "one step");
    const where = at(`/${index}/${kind}`);
    if (kind === "think") return { kind: "think", thinkMs: seconds(step.think, where) };
    if (kind === "poll") return poll(object(step.poll, where), where, names);
    return request(step, where, names);
  });
}

function request(step: Json, where: string, names: Set<string>): RequestStep {
  const method = Object.keys(step)[0] ?? "";
  if (!isMethod(method)) throw refuse(where, method, `one of ${methods.join(", ")}, poll, think`);
  const given = object(step[method], where);
  onlyKeys(given, requestKeys, where);
  const expect = object(given.expect, `${where}/expect`);
  onlyKeys(expect, ["statusCode"], `${where}/expect`);
  const match = many(given.match, `${where}/match`, readMatch);
  const capture = many(given.capture, `${where}/capture`, readCapture);
  const headers = object(given.headers ?? {}, `${where}/headers`);
  checkNames([given.url, headers, given.json, given.match], where, names);
  for (const { as } of capture) names.add(as);
  return {
    kind: "request",
    endpoint: text(given.name, `${where}/name`),
    method: method.toUpperCase() as RequestStep["method"],
    url: text(given.url, `${where}/url`),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        text(value, `${where}/headers/${name}`),
      ]),
    ),
    ...("json" in given && { json: given.json }),
    statuses: (Array.isArray(expect.statusCode) ? expect.statusCode : [expect.statusCode]).map((status) =>
      whole(status, `${where}/expect/statusCode`),
    ),
    match,
    capture,
  };
}

function poll(given: Json, where: string, names: Set<string>): PollStep {
  onlyKeys(given, ["think", "times", "while", "get", "match"], where);
  checkNames([given.match, given.while], where, names);
  const asked = request({ get: given.get }, `${where}/get`, names);
  return {
    kind: "poll",
    thinkMs: seconds(given.think, `${where}/think`),
    times: whole(given.times, `${where}/times`),
    pending: readMatch(object(given.while, `${where}/while`), `${where}/while`),
    request: { ...asked, match: [...asked.match, ...many(given.match, `${where}/match`, readMatch)] },
  };
}

function readMatch(given: Json, where: string): Match {
  onlyKeys(given, ["json", "value"], where);
  if (given.value === undefined) throw refuse(`${where}/value`, "nothing", "a value");
  return { path: path(given.json, `${where}/json`), value: given.value };
}

function readCapture(given: Json, where: string): Capture {
  onlyKeys(given, ["json", "header", "as"], where);
  const as = text(given.as, `${where}/as`);
  if (given.header !== undefined) {
    return { from: "header", header: text(given.header, `${where}/header`).toLowerCase(), as };
  }
  return { from: "json", path: path(given.json, `${where}/json`), as };
}

function checkNames(values: readonly unknown[], where: string, names: ReadonlySet<string>): void {
  const foreign = foreignHole(values);
  if (foreign !== undefined) throw refuse(where, foreign, "{{ name }} or {{ name.member }}");
  const unknown = namesIn(values).find((name) => !names.has(name));
  if (unknown === undefined) return;
  throw refuse(where, `{{ ${unknown} }}`, `a variable known here: ${[...names].join(", ")}`);
}

function onlyKeys(given: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw refuse(where, unknown, `one of ${known.join(", ")}`);
}

function many<T>(given: unknown, where: string, read: (one: Json, where: string) => T): readonly T[] {
  if (given === undefined) return [];
  const all = Array.isArray(given) ? given : [given];
  return all.map((one, index) => read(object(one, `${where}/${index}`), `${where}/${index}`));
}

function path(given: unknown, where: string): JsonPath {
  const found = typeof given === "string" ? parseJsonPath(given) : undefined;
  if (found === undefined) throw refuse(where, JSON.stringify(given), "a path like $.items[0].id");
  return found;
}

function seconds(given: unknown, where: string): number {
  if (typeof given === "number" && given > 0) return given * 1000;
  throw refuse(where, JSON.stringify(given), "seconds, above 0");
}

function whole(given: unknown, where: string): number {
  if (Number.isSafeInteger(given) && (given as number) > 0) return given as number;
  throw refuse(where, JSON.stringify(given), "a whole number above 0");
}

function text(given: unknown, where: string): string {
  if (typeof given === "string" && given !== "") return given;
  throw refuse(where, JSON.stringify(given), "a text");
}

function object(given: unknown, where: string): Json {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Json;
  throw refuse(where, JSON.stringify(given), "a map");
}

function list(given: unknown, where: string): readonly unknown[] {
  if (Array.isArray(given) && given.length > 0) return given;
  throw refuse(where, JSON.stringify(given), "a list of steps");
}

function isMethod(name: string): name is (typeof methods)[number] {
  return (methods as readonly string[]).includes(name);
}

function refuse(where: string, got: string | undefined, wanted: string): UsageError {
  return new UsageError({
    what: "The scenario cannot be run: this engine ignores nothing, and does not know this.",
    where,
    got: got ?? "nothing",
    wanted,
  });
}
