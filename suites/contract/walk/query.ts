import { type Parameter, resolveSchema } from "../../../openapi/model/index.ts";
import type { Case } from "../case.ts";
import { pathOf, type Subject, successOf } from "./subject.ts";

/**
 * 400 for every way to get a query parameter wrong. One request breaks several parameters: all of them have to be
 * named, and no other.
 */
export async function walkQuery(c: Case, subject: Subject): Promise<void> {
  const parameters = c.operation.parameters.filter((parameter) => parameter.in === "query");
  const base = Object.entries(subject.call.query ?? {}).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const ask = (pairs: readonly Pair[], names: readonly string[]) => {
    const cursor = names.length === 1 && names[0] === "cursor";
    return c.refused(
      subject.tenant.api.raw(400, { method: c.operation.method, path: pathOf(c, subject) + spell(pairs) }),
      cursor ? ["malformed-request", "invalid-cursor"] : "malformed-request",
      { parameters: names },
    );
  };
  if (parameters.length === 0) return ignoresQuery(c, subject);
  const except = (...names: readonly string[]) => base.filter(([other]) => !names.includes(other));
  // A cursor is wrong only in the light of all else, so it is broken alone; of the others one each at once.
  const alone = parameters.filter((parameter) => parameter.name === "cursor");
  const others = parameters.filter((parameter) => parameter.name !== "cursor");
  const ways = new Map(others.map((parameter) => [parameter.name, brokenWays(c, parameter, base)] as const));
  const rows = Math.max(0, ...[...ways.values()].map((own) => own.length));
  const wrong = [
    ...alone.flatMap((parameter) =>
      brokenWays(c, parameter, base).map(
        (way) => [[...except(parameter.name), ...way], [parameter.name]] as const,
      ),
    ),
    ...Array.from({ length: rows }, (_, row) => {
      const broken = [...ways].flatMap(([name, own]) => (own[row] ? [[name, own[row]] as const] : []));
      const names = broken.map(([name]) => name);
      return [[...except(...names), ...broken.flatMap(([, way]) => way)], names] as const;
    }),
  ];
  await c.all(wrong, ([pairs, names]) => ask(pairs, names));
  await ask([...base, ["nope", "1"]], ["nope"]);
  await ask([...except("limit"), ["limit", "0"], ["Limit", "1"], ["nope", ""]], ["limit", "Limit", "nope"]);
}

type Pair = readonly [name: string, value: string];

/** Every way to get one parameter wrong: what stands in the query in its place. */
function brokenWays(c: Case, parameter: Parameter, base: readonly Pair[]): readonly (readonly Pair[])[] {
  const { name } = parameter;
  const good = base.find(([other]) => other === name)?.[1] ?? goodValue(c, parameter);
  return [
    ...["", ...badValues(c, parameter)].map((value) => [[name, value] as const]),
    [[name, good] as const, [name, good] as const],
    ...(parameter.required ? [[]] : []),
  ];
}

/** An operation without query parameters does not look at the query. */
async function ignoresQuery(c: Case, subject: Subject): Promise<void> {
  if (c.operation.method !== "GET") return;
  const path = `${pathOf(c, subject)}?nope=1&nope=`;
  await subject.tenant.api.raw(successOf(c), { method: "GET", path });
}

function spell(pairs: readonly (readonly [string, string])[]): string {
  const text = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return text.length === 0 ? "" : `?${text.join("&")}`;
}

interface Simple {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly examples?: readonly unknown[];
}

function schemaOf(c: Case, parameter: Parameter): Simple {
  return (parameter.schema && (resolveSchema(c.model, parameter.schema).value as Simple)) ?? {};
}

function badValues(c: Case, parameter: Parameter): readonly string[] {
  const schema = schemaOf(c, parameter);
  if (schema.type === "integer")
    return ["abc", "1.5", `${(schema.minimum ?? 1) - 1}`, `${(schema.maximum ?? 100) + 1}`];
  if (schema.enum !== undefined) return ["nope", String(schema.enum[0]).toUpperCase()];
  if (schema.format === "date-time")
    return ["yesterday", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "0999-01-01T00:00:00Z"];
  if (schema.pattern !== undefined) return ["!", `${goodValue(c, parameter)}!`];
  return parameter.name === "cursor" ? ["nope", "x".repeat((schema.maxLength ?? 1024) + 1)] : [];
}

function goodValue(c: Case, parameter: Parameter): string {
  const schema = schemaOf(c, parameter);
  return String(schema.enum?.[0] ?? schema.examples?.[0] ?? "1");
}
