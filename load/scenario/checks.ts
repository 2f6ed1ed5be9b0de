import { parseJsonPath } from "./json-path.ts";
import { flag, type Json, object, onlyKeys, refuse, text, whole } from "./refuse.ts";
import type { Capture, Expectation, Match, Place } from "./types.ts";

const placeKeys = ["json", "header", "regexp", "flags", "group"];

export function readMatch(given: Json, where: string): Match {
  onlyKeys(given, [...placeKeys, "value", "strict"], where);
  if (given.value === undefined) throw refuse(`${where}/value`, "nothing", "a value");
  return {
    place: readPlace(given, where),
    value: given.value,
    strict: flag(given.strict, `${where}/strict`, true),
  };
}

export function readCapture(given: Json, where: string, strict: boolean): Capture {
  onlyKeys(given, [...placeKeys, "as", "strict"], where);
  return {
    place: readPlace(given, where),
    as: text(given.as, `${where}/as`),
    strict: flag(given.strict, `${where}/strict`, strict),
  };
}

function readPlace(given: Json, where: string): Place {
  if (given.header !== undefined) {
    return { from: "header", header: text(given.header, `${where}/header`).toLowerCase() };
  }
  if (given.regexp !== undefined) {
    const flags = given.flags === undefined ? "" : text(given.flags, `${where}/flags`);
    const regexp = pattern(given.regexp, `${where}/regexp`, flags);
    const { group } = given;
    if (group !== undefined && typeof group !== "number" && typeof group !== "string")
      throw refuse(`${where}/group`, JSON.stringify(group), "a group's number or name");
    return { from: "text", pattern: regexp, flags, ...(group !== undefined && { group }) };
  }
  const path = typeof given.json === "string" ? parseJsonPath(given.json) : undefined;
  if (path === undefined)
    throw refuse(
      `${where}/json`,
      JSON.stringify(given.json),
      "a path like $.items[0].id (or header, regexp)",
    );
  return { from: "json", path };
}

/** Expected statuses, and whatever else artillery-plugin-expect knows: a map, or a list of maps. */
export function readExpect(
  given: unknown,
  where: string,
): { readonly statuses?: readonly number[]; readonly expect: readonly Expectation[] } {
  if (given === undefined) return { expect: [] };
  const maps = (Array.isArray(given) ? given : [given]).map((one) => object(one, where));
  let statuses: readonly number[] | undefined;
  const expect: Expectation[] = [];
  for (const [name, value] of maps.flatMap((map) => Object.entries(map))) {
    const at = `${where}/${name}`;
    if (name === "statusCode") statuses = numbers(value, at);
    else expect.push(readExpectation(name, value, at));
  }
  return { ...(statuses && { statuses }), expect };
}

function readExpectation(name: string, value: unknown, where: string): Expectation {
  switch (name) {
    case "notStatusCode":
      return { kind: name, statuses: numbers(value, where) };
    case "contentType":
      return { kind: name, type: text(value, where) };
    case "hasProperty":
    case "notHasProperty":
      return { kind: name, property: text(value, where) };
    case "hasHeader":
      return { kind: name, header: text(value, where).toLowerCase() };
    case "headerEquals": {
      const [header, wanted] = Array.isArray(value) ? value : [];
      return { kind: name, header: text(header, where).toLowerCase(), value: text(wanted, where) };
    }
    case "equals":
      if (!Array.isArray(value)) throw refuse(where, JSON.stringify(value), "a list of values");
      return { kind: name, values: value };
    case "matchesRegexp":
      return { kind: name, pattern: pattern(value, where) };
    default:
      throw refuse(
        where,
        name,
        "one of statusCode, notStatusCode, contentType, hasProperty, notHasProperty, hasHeader, headerEquals, equals, matchesRegexp",
      );
  }
}

function pattern(given: unknown, where: string, flags = ""): string {
  const regexp = text(given, where);
  try {
    new RegExp(regexp, flags);
  } catch {
    throw refuse(where, `/${regexp}/${flags}`, "a regular expression");
  }
  return regexp;
}

function numbers(given: unknown, where: string): readonly number[] {
  return (Array.isArray(given) ? given : [given]).map((one) =>
    whole(typeof one === "string" ? Number(one) : one, where),
  );
}
