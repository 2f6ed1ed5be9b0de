import { jsonOf, type Received, withJson } from "../../proxy/exchange.ts";
import { bodyOf, type Call, type Handler, type Json, succeeded, withQuery } from "./call.ts";

/** Where a page of ours ends. */
interface Mark {
  readonly filters: string;
  readonly after: string;
}

/**
 * Answers a list with other items, or in another order, than the sound target: takes all its pages, changes the
 * whole, and cuts it into pages with cursors of its own. `unfiltered` names filters that the change looks at
 * itself.
 */
export const relisting =
  (
    change: (items: readonly Json[], call: Call) => readonly Json[],
    unfiltered: readonly string[] = [],
  ): Handler =>
  async (call) => {
    const filters = filtersOf(call);
    const mark = readMark(call.query.get("cursor"));
    if (mark !== undefined && mark.filters !== filters) return call.forward();
    // The sound target judges the request first, without a cursor that it cannot know.
    const judged = await call.forward(
      mark === undefined ? call.sent : withQuery(call, (query) => query.delete("cursor")),
    );
    if (!succeeded(judged)) return judged;
    const all = change(await allItems(call, unfiltered), call);
    const start = mark === undefined ? 0 : all.findIndex(({ id }) => id === mark.after) + 1;
    const end = start + Number(call.query.get("limit") ?? 20);
    const items = all.slice(start, end);
    const more = end < all.length ? { nextCursor: writeMark({ filters, after: items.at(-1)?.id }) } : {};
    return withJson(judged, { items, ...more });
  };

async function allItems(call: Call, unfiltered: readonly string[]): Promise<readonly Json[]> {
  const items: Json[] = [];
  let cursor: string | undefined;
  do {
    const page: Received = await call.forward(
      withQuery(call, (query) => {
        for (const name of ["cursor", ...unfiltered]) query.delete(name);
        query.set("limit", "100");
        if (cursor !== undefined) query.set("cursor", cursor);
      }),
    );
    const { items: some = [], nextCursor } = bodyOf(page) ?? {};
    items.push(...some);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return items;
}

const filtersOf = ({ query }: Call): string =>
  [...query]
    .filter(([name]) => name !== "limit" && name !== "cursor")
    .map((pair) => pair.join("="))
    .sort()
    .join("&");

const writeMark = (mark: Mark): string => Buffer.from(JSON.stringify(mark)).toString("base64url");

function readMark(cursor: string | null): Mark | undefined {
  const read = jsonOf({ body: Buffer.from(cursor ?? "", "base64url") }) as Partial<Mark> | undefined;
  return typeof read?.filters === "string" && typeof read.after === "string" ? (read as Mark) : undefined;
}

/** By the members named, all ascending, as the contract breaks ties. */
export const by =
  (...members: readonly string[]) =>
  (a: Json, b: Json): number => {
    const member = members.find((name) => a[name] !== b[name]);
    return member === undefined ? 0 : a[member] < b[member] ? -1 : 1;
  };
