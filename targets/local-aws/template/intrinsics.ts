import { TemplateError } from "../errors.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a template's functions are resolved against. */
export interface Scope {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** `Ref` of a resource; undefined where there is none. */
  ref(id: string): unknown;
  /** `Fn::GetAtt` of a resource; undefined where it has none. */
  attribute(id: string, name: string): unknown;
}

/** `AWS::NoValue`: the property, or list entry, is left out. */
const none = Symbol("AWS::NoValue");

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Resolves every CloudFormation function in `value`, or fails with where it stands. `path` names the place. */
export function resolve(value: unknown, scope: Scope, path: string): unknown {
  const result = walk(value, scope, path);
  return result === none ? undefined : result;
}

/** Whether a condition of the template holds. */
export function holds(name: string, scope: Scope, path: string): boolean {
  if (!(name in scope.conditions)) throw new TemplateError(path, `no condition "${name}"`);
  return truth(scope.conditions[name], scope, `Conditions.${name}`);
}

function walk(value: unknown, scope: Scope, path: string): unknown {
  if (Array.isArray(value))
    return value.map((item, i) => walk(item, scope, `${path}[${i}]`)).filter((item) => item !== none);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only === "Ref") return ref(String(value.Ref), scope, path);
  if (only?.startsWith("Fn::")) return call(only.slice(4), value[only], scope, path);
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const resolved = walk(member, scope, `${path}.${key}`);
    if (resolved !== none) out[key] = resolved;
  }
  return out;
}

function ref(id: string, scope: Scope, path: string): unknown {
  if (id === "AWS::NoValue") return none;
  const found = id in scope.parameters ? scope.parameters[id] : scope.ref(id);
  if (found === undefined) throw new TemplateError(path, `Ref "${id}": no such parameter or resource`);
  return found;
}

function attribute(id: string, name: string, scope: Scope, path: string): unknown {
  const found = scope.attribute(id, name);
  if (found === undefined) throw new TemplateError(path, `GetAtt "${id}.${name}": not known`);
  return found;
}

function call(name: string, argument: unknown, scope: Scope, path: string): unknown {
  const here = `${path}.Fn::${name}`;
  const list = (): unknown[] => {
    const resolved = walk(argument, scope, here);
    if (!Array.isArray(resolved)) throw new TemplateError(here, "wants a list");
    return resolved;
  };
  switch (name) {
    case "GetAtt": {
      const [id, attributeName] = list();
      return attribute(String(id), String(attributeName), scope, here);
    }
    case "Sub":
      return substitute(argument, scope, here);
    case "Join": {
      const [separator, parts] = list();
      if (!Array.isArray(parts)) throw new TemplateError(here, "wants [separator, list]");
      return parts.join(String(separator));
    }
    case "Split": {
      const [separator, text] = list();
      return String(text).split(String(separator));
    }
    case "Select": {
      const [index, from] = list();
      const found = Array.isArray(from) ? from[Number(index)] : undefined;
      if (found === undefined) throw new TemplateError(here, `nothing at index ${index}`);
      return found;
    }
    case "If": {
      if (!Array.isArray(argument) || argument.length !== 3)
        throw new TemplateError(here, "wants [condition, then, else]");
      return walk(argument[holds(String(argument[0]), scope, here) ? 1 : 2], scope, here);
    }
    case "FindInMap": {
      const [map, first, second] = list();
      const level = (scope.mappings[String(map)] as Json | undefined)?.[String(first)] as Json | undefined;
      const found = level?.[String(second)];
      if (found === undefined) throw new TemplateError(here, `${map}.${first}.${second} is not mapped`);
      return found;
    }
    case "Base64":
      return Buffer.from(String(walk(argument, scope, here))).toString("base64");
    case "Equals":
    case "And":
    case "Or":
    case "Not":
      return truth({ [`Fn::${name}`]: argument }, scope, path);
    default:
      throw new TemplateError(here, "not supported");
  }
}

/** `Fn::Sub`: `${Name}`, `${Name.Attribute}`, own variables first; `${!x}` is a literal `${x}`. */
function substitute(argument: unknown, scope: Scope, path: string): string {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof text !== "string" || !isObject(variables))
    throw new TemplateError(path, "wants a text, or [text, variables]");
  const own = walk(variables, scope, path) as Json;
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, raw: string) => {
    if (literal) return `\${${raw}}`;
    const name = raw.trim();
    if (name in own) return String(own[name]);
    const dot = name.indexOf(".");
    if (dot < 0) return String(ref(name, scope, path));
    return String(attribute(name.slice(0, dot), name.slice(dot + 1), scope, path));
  });
}

function truth(condition: unknown, scope: Scope, path: string): boolean {
  if (!isObject(condition)) throw new TemplateError(path, "is not a condition");
  if ("Condition" in condition) return holds(String(condition.Condition), scope, path);
  const [name, argument] = Object.entries(condition)[0] ?? [];
  const all = Array.isArray(argument) ? argument : [];
  switch (name) {
    case "Fn::Equals":
      return String(walk(all[0], scope, path)) === String(walk(all[1], scope, path));
    case "Fn::And":
      return all.every((c) => truth(c, scope, path));
    case "Fn::Or":
      return all.some((c) => truth(c, scope, path));
    case "Fn::Not":
      return !truth(all[0], scope, path);
    default:
      throw new TemplateError(path, `"${name}" is not a condition function`);
  }
}
