import { readCapture, readExpect, readMatch } from "./checks.ts";
import { conditionProblem } from "./condition.ts";
import { type Json, many, names, object, onlyKeys, refuse, text, texts } from "./refuse.ts";
import { foreignHole, namesIn } from "./template.ts";
import type { Body, RequestStep } from "./types.ts";

const methods = ["get", "post", "put", "patch", "delete"] as const;
const bodyKeys = ["json", "form", "body"] as const;
const requestKeys = [
  "name",
  "url",
  "headers",
  "qs",
  "cookie",
  ...bodyKeys,
  "expect",
  "match",
  "capture",
  "ifTrue",
  "beforeRequest",
  "afterResponse",
];

/** What is known while a scenario is read: the variables that texts may refer to, and the functions there are. */
export class Reading {
  readonly #variables: Set<string>;
  readonly #functions: ReadonlySet<string> | undefined;
  /** Whether a capture that finds nothing is an error. */
  readonly strictCapture: boolean;

  /** @param functions undefined where none can be called */
  constructor(variables: Iterable<string>, functions?: Iterable<string>, strictCapture = true) {
    this.#variables = new Set(variables);
    this.#functions = functions && new Set(functions);
    this.strictCapture = strictCapture;
  }

  add(...variables: readonly string[]): void {
    for (const name of variables) this.#variables.add(name);
  }

  hasFunction(name: string): boolean {
    return this.#functions?.has(name) ?? false;
  }

  functionNamed(given: unknown, where: string): string {
    const name = text(given, where);
    if (this.#functions?.has(name)) return name;
    const known = this.#functions === undefined ? "a config.processor" : [...this.#functions].join(", ");
    throw refuse(where, name, `a function of ${known || "config.processor, which exports none"}`);
  }

  /** @throws UsageError for braces that are no template, and for a variable that nobody can have set */
  check(values: unknown, where: string): void {
    const foreign = foreignHole(values);
    if (foreign !== undefined) throw refuse(where, foreign, "{{ name }} or {{ name.member }}");
    // A function may set any variable.
    if (this.#functions !== undefined) return;
    const unknown = namesIn(values).find((name) => !this.#variables.has(name));
    if (unknown === undefined) return;
    const known = [...this.#variables].filter((name) => !name.startsWith("$")).join(", ");
    throw refuse(where, `{{ ${unknown} }}`, `a variable known here: ${known}`);
  }
}

export function readRequest(step: Json, where: string, reading: Reading): RequestStep {
  const method = Object.keys(step)[0] ?? "";
  if (!(methods as readonly string[]).includes(method))
    throw refuse(where, method, `one of ${methods.join(", ")}, think, loop, parallel, function, poll`);
  const given = object(step[method], where);
  onlyKeys(given, requestKeys, where);
  const url = text(given.url, `${where}/url`);
  if (!url.startsWith("/"))
    throw refuse(`${where}/url`, url, "a path that begins with /: all requests go to the target");
  reading.check(bodyKeys.map((key) => given[key]).concat(url, given.headers, given.qs, given.cookie), where);
  reading.check(given.match, where);
  const capture = many(given.capture, `${where}/capture`, (one, at) =>
    readCapture(one, at, reading.strictCapture),
  );
  reading.add(...capture.map(({ as }) => as));
  const ifTrue =
    given.ifTrue === undefined ? undefined : readCondition(given.ifTrue, `${where}/ifTrue`, reading);
  const hooks = (key: "beforeRequest" | "afterResponse"): readonly string[] =>
    names(given[key], `${where}/${key}`).map((name) => reading.functionNamed(name, `${where}/${key}`));
  const body = readBody(given, where);
  return {
    kind: "request",
    endpoint: given.name === undefined ? `${method.toUpperCase()} ${url}` : text(given.name, `${where}/name`),
    named: given.name !== undefined,
    method: method.toUpperCase() as RequestStep["method"],
    url,
    headers: lowerCased(texts(given.headers, `${where}/headers`)),
    ...(given.qs !== undefined && { query: object(given.qs, `${where}/qs`) }),
    ...(given.cookie !== undefined && { cookies: texts(given.cookie, `${where}/cookie`) }),
    ...(body && { body }),
    ...readExpect(given.expect, `${where}/expect`),
    match: many(given.match, `${where}/match`, readMatch),
    capture,
    beforeRequest: hooks("beforeRequest"),
    afterResponse: hooks("afterResponse"),
    ...(ifTrue !== undefined && { ifTrue }),
    raw: given,
  };
}

function readBody(given: Json, where: string): Body | undefined {
  const kinds = bodyKeys.filter((key) => given[key] !== undefined);
  const [kind, another] = kinds;
  if (another !== undefined) throw refuse(where, kinds.join(" and "), "one of them");
  if (kind === "json") return { kind, value: given.json };
  if (kind === "form") return { kind, fields: object(given.form, `${where}/form`) };
  return kind === undefined ? undefined : { kind: "text", text: text(given.body, `${where}/body`) };
}

/** An expression that cannot be read would be taken for true by Artillery; here it is refused. */
function readCondition(given: unknown, where: string, reading: Reading): string {
  const condition = typeof given === "boolean" ? String(given) : text(given, where);
  if (reading.hasFunction(condition)) return condition;
  const problem = conditionProblem(condition);
  if (problem === undefined) return condition;
  throw refuse(where, condition, `an expression over variables, or a function's name (${problem})`);
}

export function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
