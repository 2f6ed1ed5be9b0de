import { isLosslessNumber } from "lossless-json";
import { type LocatedSchema, type OperationModel, resolveSchema } from "../../../openapi/model/index.ts";
import { escapeToken } from "../../../openapi/model/pointer.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { memberSchema } from "../../../openapi/mutate/places.ts";
import type { Side } from "../engine/side.ts";
import type { DifferenceKind } from "../result.ts";
import { compareScalar, instantOf, knownName, type Place, type Triple } from "./scalar.ts";
import type { SortKeys } from "./sort-keys.ts";

/** What is found while two bodies are compared. */
export interface Ledger {
  /** @param path with `*` for items */
  differs(kind: DifferenceKind, path: string, baseline: unknown, candidate: unknown): void;
  /** The baseline differs from itself there. */
  noisy(path: string): void;
}

export interface Context {
  readonly model: OperationModel;
  readonly sides: Triple<Side>;
  readonly place: Omit<Place, "pointer" | "kind" | "dateTime">;
  readonly ledger: Ledger;
  /** An error reply: prose is for people, and lists of complaints have no order. */
  readonly error: boolean;
  readonly operation: string;
  readonly sortKeys: SortKeys;
}

const PROSE = /^(title|detail|details|message|msg|description|error_description|hint|reason|help|text)$/i;
const OPAQUE =
  /^(next_?cursor|cursor|next_?page_?token|page_?token|continuation(_?token)?|next_?token|etag)$/i;
const UNORDERED =
  /(in any|no (particular|stated|defined|fixed)|without( any)?|whatever) order|unordered|order (is|does) not/i;
const ORDERED = /\b(un)?(sorted|ordered?|ascending|descending)\b/i;

const ABSENT = Symbol("absent");

/** Compares three values as one schema describes them. */
export function compareBody(
  context: Context,
  values: Triple<unknown>,
  schema: LocatedSchema | undefined,
): void {
  visit(context, values, schema, "", "", "");
}

function visit(
  context: Context,
  values: Triple<unknown>,
  schema: LocatedSchema | undefined,
  pointer: string,
  path: string,
  name: string,
): void {
  const [a, again, b] = values;
  const kinds = values.map(shapeOf);
  if (kinds[0] !== kinds[2]) {
    context.ledger.differs(a === ABSENT || b === ABSENT ? "presence" : "type", path, a, b);
    return;
  }
  // Where the baseline's own two answers are of different shape, it stands for both.
  const other = kinds[1] === kinds[0] ? again : a;
  if (kinds[1] !== kinds[0]) context.ledger.noisy(path);
  if (kinds[0] === "object")
    visitObject(context, [a, other, b] as Triple<Record<string, unknown>>, schema, pointer, path);
  else if (kinds[0] === "array")
    visitArray(context, [a, other, b] as Triple<readonly unknown[]>, schema, pointer, path, name);
  else if (kinds[0] === "scalar") visitScalar(context, [a, other, b], schema, pointer, path, name);
}

function shapeOf(value: unknown): string {
  if (value === ABSENT) return "absent";
  if (Array.isArray(value)) return "array";
  return value !== null && typeof value === "object" && !isLosslessNumber(value) ? "object" : "scalar";
}

function visitObject(
  around: Context,
  values: Triple<Record<string, unknown>>,
  schema: LocatedSchema | undefined,
  pointer: string,
  path: string,
): void {
  const names = new Set(values.flatMap((value) => Object.keys(value)));
  // A problem inside a reply that succeeded, such as one item of a batch.
  const problem = names.has("type") && names.has("title") && names.has("status");
  const context = problem ? { ...around, error: true } : around;
  for (const name of names) {
    const members = values.map((value) =>
      Object.hasOwn(value, name) ? value[name] : ABSENT,
    ) as unknown as Triple<unknown>;
    const member = schema === undefined ? undefined : memberSchema(context.model, schema, "", name);
    visit(context, members, member, `${pointer}/${escapeToken(name)}`, `${path}/${escapeToken(name)}`, name);
  }
}

function visitScalar(
  context: Context,
  values: Triple<unknown>,
  schema: LocatedSchema | undefined,
  pointer: string,
  path: string,
  name: string,
): void {
  const [a, again, b] = values;
  if (a === ABSENT) return;
  // An instant of the present that is the same everywhere still has to be known by its step.
  if (a === b && a === again && instantOf(a, context.place.from) === undefined) return;
  if (OPAQUE.test(name)) return;
  if (context.error && PROSE.test(name) && typeof a === "string" && typeof b === "string") return;
  const outcome = compareScalar(values, context.sides, {
    ...context.place,
    pointer,
    kind: kindOf(path, name),
    dateTime: formatOf(context.model, schema) === "date-time",
  });
  if (outcome === "noise") context.ledger.noisy(path);
  else if (outcome !== "same") context.ledger.differs(outcome, path, a, b);
}

function formatOf(model: OperationModel, schema: LocatedSchema | undefined): unknown {
  const value = schema === undefined ? undefined : resolveSchema(model, schema).value;
  return isRecord(value) ? value.format : undefined;
}

/** `/items/*​/planId` and `/plan/id` name a plan: numbers are compared among their like. */
function kindOf(path: string, name: string): string {
  const own = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (own !== "id" && own !== "uuid") return own.replace(/s$/, "");
  const around = path
    .split("/")
    .slice(1, -1)
    .filter((part) => part !== "*" && !/^(items?|data|results?|records|rows|list|content)$/i.test(part));
  return around.length === 0 ? "id" : `${(around.at(-1) ?? "").toLowerCase().replace(/s$/, "")}id`;
}

function visitArray(
  context: Context,
  values: Triple<readonly unknown[]>,
  schema: LocatedSchema | undefined,
  pointer: string,
  path: string,
  name: string,
): void {
  const items = schema === undefined ? undefined : memberSchema(context.model, schema, "", "0");
  const unordered = context.error || unorderedBy(context.model, schema);
  const [a, again, b] = values;
  const each = (index: number, triple: Triple<unknown>): void =>
    visit(context, triple, items, `${pointer}/${index}`, `${path}/*`, name.replace(/s$/, ""));
  const keys = values.map((list, side) => list.map((item) => identity(context, item, side, path)));
  const [keysA = [], keysAgain = [], keysB = []] = keys;
  const unsure = keysA.length === keysAgain.length && keysA.join("\n") !== keysAgain.join("\n");
  if (unsure) context.ledger.noisy(path);
  const list = `${context.operation} ${path}`;
  for (const own of [a, again]) context.sortKeys.learn(list, own);
  if (keysA.join("\n") === keysB.join("\n") && !(unordered && keysA.some((key) => key === "?"))) {
    for (const index of a.keys()) {
      const twin =
        keysAgain.length === keysA.length && keysAgain[index] === keysA[index]
          ? index
          : keysAgain.indexOf(keysA[index] as string);
      each(index, [a[index], twin === -1 ? a[index] : again[twin], b[index]]);
    }
    return;
  }
  const used = new Set<number>();
  const pairs = a.map((item, index) => {
    const found = b.findIndex((_, at) => !used.has(at) && keysB[at] === keysA[index]);
    if (found !== -1) used.add(found);
    return [item, index, found] as const;
  });
  const missing = pairs.filter(([, , found]) => found === -1);
  const extra = b.filter((_, at) => !used.has(at));
  if (missing.length > 0 || extra.length > 0) {
    const same = (list: readonly unknown[]): string => keysOf(list);
    if (missing.length === extra.length && !unordered && keysA.every((key) => key.startsWith("="))) {
      // A list of plain values: which of them differ says more than that some are missing.
      for (const [index, value] of a.entries()) each(index, [value, again[index] ?? value, b[index]]);
    } else
      context.ledger.differs(
        "items",
        path,
        `${a.length} items${describe(
          missing.map(([item]) => item),
          "only here",
        )}`,
        `${b.length} items${describe(extra, "only here")}`,
      );
    if (same(a) !== same(again) && again.length !== a.length) context.ledger.noisy(path);
  } else if (
    !unordered &&
    inverted(keysA, keysAgain, keysB, (one, other) => context.sortKeys.tied(list, a[one], a[other]))
  ) {
    context.ledger.differs("order", path, keysA.map(bare).join(", "), keysB.map(bare).join(", "));
  }
  for (const [item, index, found] of pairs) {
    if (found === -1) continue;
    const twin = keysAgain.indexOf(keysA[index] as string);
    each(index, [item, twin === -1 ? item : again[twin], b[found]]);
  }
}

/**
 * Whether two items stand the other way round than in both lists of the baseline. Where those disagree, the order is
 * chance, such as that of equal sort keys.
 */
function inverted(
  first: readonly string[],
  again: readonly string[],
  other: readonly string[],
  tied: (one: number, other: number) => boolean,
): boolean {
  const places = [again, other].map((keys) => new Map(keys.map((key, at) => [key, at])));
  const rows = first.flatMap((key, at) =>
    key.endsWith("?") ? [] : [{ at, places: places.map((place) => place.get(key)) }],
  );
  return rows.some(({ at, places: [ownAgain, ownOther] }, index) =>
    rows
      .slice(index + 1)
      .some(
        ({ at: later, places: [laterAgain, laterOther] }) =>
          ownOther !== undefined &&
          laterOther !== undefined &&
          laterOther < ownOther &&
          (ownAgain ?? -1) < (laterAgain ?? Number.POSITIVE_INFINITY) &&
          !tied(at, later),
      ),
  );
}

const bare = (key: string): string => key.replace(/^[=$]/, "");
const keysOf = (list: readonly unknown[]): string => String(list.length);

function describe(items: readonly unknown[], what: string): string {
  if (items.length === 0) return "";
  const text = JSON.stringify(items[0]) ?? "";
  return `, ${what}: ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`;
}

/** What tells an item from the others on every side alike: the name of its id, or a plain value itself. */
function identity(context: Context, item: unknown, side: number, path: string): string {
  const own = context.sides[side] as Side;
  if (isRecord(item) && !isLosslessNumber(item)) {
    for (const [name, value] of Object.entries(item)) {
      if (
        !/^(id|uuid|guid|_id|key)$|[a-z]Id$|_id$/.test(name) ||
        (typeof value !== "string" && typeof value !== "number")
      )
        continue;
      return `$${knownName(own, value, kindOf(`${path}/*/${name}`, name)) ?? "?"}`;
    }
    if (context.error)
      return `=${JSON.stringify(Object.entries(item).filter(([name]) => !PROSE.test(name)))}`;
    return "?";
  }
  if (item === null || typeof item !== "object" || isLosslessNumber(item)) {
    const known = knownName(own, item, "");
    return known === undefined ? `=${String(item).replaceAll(own.nonce, "#")}` : `$${known}`;
  }
  return "?";
}

const cache = new WeakMap<object, boolean>();

function unorderedBy(model: OperationModel, schema: LocatedSchema | undefined): boolean {
  if (schema === undefined || !isRecord(schema.value)) return false;
  const known = cache.get(schema.value);
  if (known !== undefined) return known;
  const resolved = resolveSchema(model, schema).value;
  // What stands beside a reference is about this place; what it refers to may be about a request, too.
  const own = schema.value.$ref === undefined ? undefined : schema.value.description;
  const text = ORDERED.test(String(own ?? ""))
    ? own
    : `${own ?? ""} ${isRecord(resolved) ? resolved.description : ""}`;
  const found = UNORDERED.test(String(text));
  cache.set(schema.value, found);
  return found;
}
