import { formatTime } from "../domain/time.ts";
import { cursor, filter, limit, type QueryOf, type QueryShape } from "../validation/query.ts";
import type { Position } from "./cursor.ts";
import { type Call, type Operation, operation, type Scope } from "./operation.ts";
import { Problem } from "./problem.ts";

const paging = { limit: filter(limit), cursor: filter(cursor) };

/** Which rows a list holds and in which order; every column named here belongs to the selected table. */
export interface ListSource {
  /** `SELECT ... FROM ...` without a WHERE clause. */
  readonly select: string;
  /** `column operator` and its value; conditions without a value are left out. */
  readonly where: readonly (readonly [condition: string, value: unknown])[];
  /** Conditions that take no value. */
  readonly also?: readonly string[];
  readonly sort: "created_at" | "occurred_at";
  readonly direction: "ASC" | "DESC";
}

/**
 * A paged list. Keyset pagination: a page begins after the last item of the one before, by (sort, id), so rows
 * added meanwhile neither shift nor repeat an item.
 */
export function listOperation<const S extends QueryShape, Row extends { id: string }>(definition: {
  readonly id: string;
  readonly path: string;
  readonly scope: Scope;
  readonly filters: S;
  /** May check that what the path names exists. */
  readonly source: (call: Call<QueryOf<S & typeof paging>>) => ListSource | Promise<ListSource>;
  readonly item: (row: Row) => unknown;
}): Operation {
  return operation<S & typeof paging>({
    id: definition.id,
    method: "GET",
    path: definition.path,
    scope: definition.scope,
    query: { ...definition.filters, ...paging },
    async handle(call) {
      const size = (call.query.limit as number | undefined) ?? 20;
      const list = nameOfList(definition.id, call);
      const after = positionAfter(call, list);
      const source = await definition.source(call);
      const { text, values } = pageQuery(source, after, size);
      const rows = await call.db.rows<Row>(text, values);
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        status: 200,
        body: {
          items: rows.slice(0, size).map(definition.item),
          ...(last === undefined
            ? {}
            : { nextCursor: call.cursors.encode(list, position(last, source.sort)) }),
        },
      };
    },
  });
}

/** A cursor holds for the same account, operation, path and filters, whatever the limit. */
function nameOfList(id: string, call: Call<QueryOf<QueryShape>>): string {
  const filters = Object.entries(call.query)
    .filter(([name]) => name !== "limit" && name !== "cursor")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([call.accountId, id, call.params, filters]);
}

function positionAfter(call: Call<QueryOf<QueryShape>>, list: string): Position | undefined {
  const text = call.query.cursor as string | undefined;
  if (text === undefined) return undefined;
  const position = call.cursors.decode(list, text);
  if (position === undefined)
    throw new Problem("invalid-cursor", "The cursor is not one of this list with these filters.", {
      errors: [{ parameter: "cursor", detail: "is not a cursor of this list" }],
    });
  return position;
}

const position = (row: object, sort: ListSource["sort"]): Position => {
  const { id, [sort]: at } = row as { id: string } & Record<ListSource["sort"], Date>;
  return [formatTime(at), id];
};

function pageQuery(
  { select, where, also = [], sort, direction }: ListSource,
  after: Position | undefined,
  size: number,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const conditions = [...also];
  for (const [condition, value] of where)
    if (value !== undefined) conditions.push(`${condition} $${values.push(value)}`);
  if (after !== undefined) {
    const [at, id] = [values.push(after[0]), values.push(after[1])];
    conditions.push(`(${sort}, id) ${direction === "ASC" ? ">" : "<"} ($${at}::timestamptz, $${id})`);
  }
  const text = `${select} WHERE ${conditions.join(" AND ")} ORDER BY ${sort} ${direction}, id ${direction} LIMIT $${values.push(size + 1)}`;
  return { text, values };
}
