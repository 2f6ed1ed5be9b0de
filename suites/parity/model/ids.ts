import {
  type LocatedSchema,
  type Operation,
  type OperationModel,
  resolveSchema,
} from "../../../openapi/model/index.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { memberNames, memberSchema } from "../../../openapi/mutate/places.ts";
import { linksOf } from "./links.ts";

/** What kind of thing an id names; made of the path that takes it, such as `/plans/{}`. */
export type Kind = string;

/** One operation as the generator sees it: which ids it takes and gives. */
export interface OperationIds {
  readonly operation: Operation;
  /** Reads only. */
  readonly safe: boolean;
  /** Path and query parameters, and body members (by pointer, `*` for items), that take an id. */
  readonly path: ReadonlyMap<string, Kind>;
  readonly query: ReadonlyMap<string, Kind>;
  readonly body: ReadonlyMap<string, Kind>;
  /** Where its successful replies carry ids: pointers, `*` for items. */
  readonly gives: ReadonlyMap<string, Kind>;
  /** The kind of the thing its path names last, when it ends there: `/plans/{planId}`. */
  readonly item: Kind | undefined;
  /** The kind of thing its path collects: `/plans`. */
  readonly collection: Kind | undefined;
  /** The kind of its last path parameter: what it acts on. */
  readonly subject: Kind | undefined;
  /** POSTs whose reply has a new id of this kind. */
  readonly creates: Kind | undefined;
}

export type IdMap = ReadonlyMap<string, OperationIds>;

/** `planId`, `plan_id` and `plan-id` are one name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
const GENERIC = new Set(["id", "uuid", "guid", "key", "slug", "ref", "code", "number", "name"]);
/** Members that only wrap what a reply is about. */
const WRAPPERS = new Set([
  "items",
  "item",
  "data",
  "results",
  "result",
  "resource",
  "records",
  "entries",
  "content",
  "value",
  "values",
  "list",
  "rows",
  "payload",
  "embedded",
]);

const singular = (noun: string): string =>
  noun.endsWith("ies")
    ? `${noun.slice(0, -3)}y`
    : /(ss|us)$/.test(noun)
      ? noun
      : /(ches|shes|xes|sses)$/.test(noun)
        ? noun.slice(0, -2)
        : noun.replace(/s$/, "");

/** `/plans/{planId}/quote` → `/plans/{}/quote` */
const blank = (path: string): string => path.replace(/\{[^}]*\}/g, "{}");

interface Tables {
  readonly byPath: ReadonlyMap<string, Kind>;
  readonly byName: ReadonlyMap<string, Kind>;
  readonly bySchema: ReadonlyMap<string, Kind>;
}

/** Finds in the documents which operations give the ids that others take. */
export function idMap(model: OperationModel): IdMap {
  const tables = tablesOf(model);
  const links = linksOf(model);
  const map = new Map<string, OperationIds>();
  for (const operation of model.operations) {
    const path = new Map<string, Kind>();
    const query = new Map<string, Kind>();
    for (const parameter of operation.parameters) {
      if (parameter.in === "path") path.set(parameter.name, kindOfPath(tables, operation, parameter.name));
      if (parameter.in !== "query") continue;
      const kind = kindOfSchema(tables, parameter.schema) ?? tables.byName.get(plain(parameter.name));
      if (kind !== undefined && !hasEnum(model, parameter.schema)) query.set(parameter.name, kind);
    }
    map.set(operation.id, {
      operation,
      safe: operation.method === "GET" || operation.method === "HEAD",
      path,
      query,
      body: new Map(),
      gives: new Map(),
      ...shapeOf(tables, operation),
      creates: undefined,
    });
  }
  for (const ids of map.values()) {
    const body = ids.body as Map<string, Kind>;
    for (const media of ids.operation.requestBody?.media ?? [])
      if (media.schema !== undefined) bodyIds(model, tables, media.schema, media.examples, body);
  }
  for (const ids of map.values()) {
    const gives = ids.gives as Map<string, Kind>;
    for (const response of ids.operation.responses.filter(
      ({ status }) => /^2/.test(status) || status === "default",
    ))
      for (const media of response.media)
        if (media.schema !== undefined) givenIds(model, tables, ids, media.schema, gives);
    for (const link of links.filter(({ from }) => from === ids.operation.id)) {
      const target = map.get(link.to);
      const kind =
        link.body === undefined
          ? (target?.path.get(link.parameter) ?? target?.query.get(link.parameter))
          : target?.body.get(link.body);
      if (kind !== undefined) gives.set(link.pointer, kind);
      else if (link.body !== undefined && target !== undefined) {
        const known = gives.get(link.pointer);
        if (known !== undefined) (target.body as Map<string, Kind>).set(link.body, known);
      }
    }
    if (ids.operation.method === "POST" || ids.operation.method === "PUT") {
      const own = new Set(ids.path.values());
      const fresh = [...gives].filter(([pointer, kind]) => !pointer.includes("*") && !own.has(kind));
      const best =
        fresh.find(([, kind]) => kind === ids.collection) ??
        fresh.find(([pointer]) => /\/(id|uuid|guid)$/.test(pointer));
      (ids as { creates: Kind | undefined }).creates =
        best?.[1] ?? (hasLocation(ids.operation) ? ids.collection : undefined);
    }
  }
  return map;
}

function hasLocation(operation: Operation): boolean {
  return operation.responses.some(
    ({ status, headers }) => /^20[12]/.test(status) && headers.some(({ name }) => name === "location"),
  );
}

function tablesOf(model: OperationModel): Tables {
  const byPath = new Map<string, Kind>();
  const byName = new Map<string, Kind>();
  const schemas = new Map<string, Set<Kind>>();
  const sorted = [...model.operations].sort((a, b) => a.path.length - b.path.length);
  for (const operation of sorted)
    for (const parameter of operation.parameters) {
      if (parameter.in !== "path") continue;
      const prefix = prefixOf(operation.path, parameter.name);
      const name = nameOf(operation.path, parameter.name);
      const kind = byPath.get(prefix) ?? byName.get(name) ?? prefix;
      byPath.set(prefix, kind);
      if (!byName.has(name)) byName.set(name, kind);
      const schema = refOf(parameter.schema);
      if (schema !== undefined) schemas.set(schema, (schemas.get(schema) ?? new Set()).add(kind));
    }
  // A schema that several kinds share, such as `Uuid`, tells nothing.
  const bySchema = new Map(
    [...schemas].flatMap(([schema, kinds]) =>
      kinds.size === 1 ? [[schema, [...kinds][0] as Kind] as const] : [],
    ),
  );
  return { byPath, byName, bySchema };
}

const prefixOf = (path: string, parameter: string): string => {
  const at = path.indexOf(`{${parameter}}`);
  return blank(path.slice(0, at + parameter.length + 2));
};

/** The name of a path parameter with its noun: `/plans/{id}` takes a `planid`. */
function nameOf(path: string, parameter: string): string {
  if (!GENERIC.has(plain(parameter))) return plain(parameter);
  const before = path.slice(0, path.indexOf(`{${parameter}}`));
  return `${plain(singular(lastNoun(before)))}id`;
}

const lastNoun = (path: string): string =>
  path
    .split("/")
    .filter((part) => part !== "" && !part.startsWith("{"))
    .at(-1) ?? "";

function kindOfPath(tables: Tables, operation: Operation, name: string): Kind {
  return tables.byPath.get(prefixOf(operation.path, name)) ?? prefixOf(operation.path, name);
}

function shapeOf(
  tables: Tables,
  operation: Operation,
): Pick<OperationIds, "item" | "collection" | "subject"> {
  const path = blank(operation.path);
  const parameters = [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string);
  const last = parameters.at(-1);
  const subject = last === undefined ? undefined : kindOfPath(tables, operation, last);
  return {
    item: path.endsWith("}") ? subject : undefined,
    collection: path.endsWith("}")
      ? undefined
      : (tables.byPath.get(`${path}/{}`) ?? tables.byName.get(`${plain(singular(lastNoun(path)))}id`)),
    subject,
  };
}

/** The place of a `$ref`, as it identifies a named schema. */
function refOf(schema: LocatedSchema | undefined): string | undefined {
  if (schema === undefined || !isRecord(schema.value) || typeof schema.value.$ref !== "string")
    return undefined;
  const ref = schema.value.$ref;
  const [file = "", pointer = ""] = ref.split("#");
  return `${file === "" ? (schema.file.split("/").at(-1) ?? "") : (file.split("/").at(-1) ?? "")}#${pointer}`;
}

function kindOfSchema(tables: Tables, schema: LocatedSchema | undefined): Kind | undefined {
  const ref = refOf(schema);
  return ref === undefined ? undefined : tables.bySchema.get(ref);
}

function hasEnum(model: OperationModel, schema: LocatedSchema | undefined): boolean {
  if (schema === undefined) return false;
  const { value } = resolveSchema(model, schema);
  return (
    isRecord(value) && (value.enum !== undefined || value.const !== undefined || value.type === "boolean")
  );
}

function bodyIds(
  model: OperationModel,
  tables: Tables,
  schema: LocatedSchema,
  examples: readonly { readonly value: unknown }[],
  found: Map<string, Kind>,
): void {
  visitMembers(model, schema, "", 0, new Set(), (pointer, name, member) => {
    const kind =
      kindOfSchema(tables, member) ?? (hasEnum(model, member) ? undefined : kindOfName(tables, name));
    if (kind !== undefined && isScalar(model, member)) found.set(pointer, kind);
  });
  // Free-form members are known by the examples alone.
  for (const { value } of examples)
    visitValue(value, "", (pointer, name) => {
      const kind = kindOfName(tables, name);
      if (kind !== undefined && !found.has(pointer)) found.set(pointer, kind);
    });
}

function kindOfName(tables: Tables, name: string): Kind | undefined {
  const own = plain(name);
  if (GENERIC.has(own)) return undefined;
  return tables.byName.get(own) ?? tables.byName.get(own.replace(/(uuid|ids|ref)$/, "id"));
}

function isScalar(model: OperationModel, schema: LocatedSchema): boolean {
  const { value } = resolveSchema(model, schema);
  if (!isRecord(value)) return false;
  const types = [value.type].flat();
  return (
    !types.includes("object") &&
    !types.includes("array") &&
    !types.includes("boolean") &&
    value.properties === undefined
  );
}

function givenIds(
  model: OperationModel,
  tables: Tables,
  ids: OperationIds,
  schema: LocatedSchema,
  found: Map<string, Kind>,
): void {
  visitMembers(model, schema, "", 0, new Set(), (pointer, name, member) => {
    if (!isScalar(model, member)) return;
    const kind =
      kindOfSchema(tables, member) ??
      (GENERIC.has(plain(name)) ? ownKind(tables, ids, pointer, name) : kindOfName(tables, name));
    if (kind !== undefined) found.set(pointer, kind);
  });
}

/** Whose id a bare `id` is: of the member around it, or of what the operation is about. */
function ownKind(tables: Tables, ids: OperationIds, pointer: string, name: string): Kind | undefined {
  if (!["id", "uuid", "guid"].includes(plain(name))) {
    const path = ids.item ?? ids.collection;
    return path !== undefined && tables.byName.get(plain(name)) === path ? path : undefined;
  }
  const around = pointer
    .split("/")
    .slice(1, -1)
    .filter((part) => part !== "*" && !WRAPPERS.has(plain(part)));
  const nearest = around.at(-1);
  if (nearest !== undefined) return tables.byName.get(`${plain(singular(nearest))}id`);
  if (ids.collection !== undefined) return ids.collection;
  return pointer.includes("*") ? undefined : ids.subject;
}

/** Every member of every alternative, through items, to a bounded depth. */
export function visitMembers(
  model: OperationModel,
  schema: LocatedSchema,
  pointer: string,
  depth: number,
  seen: Set<string>,
  visit: (pointer: string, name: string, member: LocatedSchema) => void,
): void {
  if (depth > 5) return;
  const resolved = resolveSchema(model, schema);
  const place = `${resolved.file}#${resolved.pointer}`;
  if (seen.has(place)) return;
  const inside = new Set(seen).add(place);
  for (const name of memberNames(model, schema, "")) {
    const member = memberSchema(model, schema, "", name);
    if (member === undefined) continue;
    visit(`${pointer}/${name}`, name, member);
    visitMembers(model, member, `${pointer}/${name}`, depth + 1, inside, visit);
  }
  const items = memberSchema(model, schema, "", "0");
  if (items === undefined) return;
  // A list of plain values under a name: `assetIds` holds ids of assets.
  const name = pointer.split("/").at(-1) ?? "";
  if (name !== "" && name !== "*" && isScalar(model, items)) visit(`${pointer}/*`, singular(name), items);
  visitMembers(model, items, `${pointer}/*`, depth + 1, inside, visit);
}

function visitValue(value: unknown, pointer: string, visit: (pointer: string, name: string) => void): void {
  if (Array.isArray(value)) for (const item of value) visitValue(item, `${pointer}/*`, visit);
  else if (isRecord(value))
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === "string" || typeof member === "number") visit(`${pointer}/${name}`, name);
      else visitValue(member, `${pointer}/${name}`, visit);
    }
}
