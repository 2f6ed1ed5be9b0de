import type { LooseCall } from "../../../openapi/client/index.ts";
import type { Answer, Api, Case } from "../case.ts";

/** A list whose every item is known. */
export interface KnownList {
  readonly api: Api;
  /** Path ids, and query parameters that are always sent. */
  readonly call?: LooseCall;
  /** Every item as its own GET shows it, in any order. At least four; 21 to see the default page size. */
  readonly items: readonly Item[];
  /** What the list is sorted by, then by id in the same direction. */
  readonly by: string;
  readonly direction: "ascending" | "descending";
  /** Query parameters by which it can be narrowed: values, and which items they keep. */
  readonly filters?: readonly Filter[];
  /** Adds an item while the list is being paged through. */
  readonly add?: () => Promise<unknown>;
  /** Another account's key, which has a list of its own, for operations without a path id. */
  readonly stranger?: Api;
}

export type Item = Readonly<Record<string, unknown>> & { readonly id: string };

export interface Filter {
  readonly query: Readonly<Record<string, string>>;
  readonly keeps: (item: Item) => boolean;
}

interface Page {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** Order, page sizes, paging to the end (also while rows are added), filters alone and combined, cursors. */
export async function walkList(c: Case, list: KnownList): Promise<void> {
  const { direction, by } = list;
  const sign = direction === "ascending" ? 1 : -1;
  const sorted = [...list.items].sort(
    (a, b) => sign * (compare(String(a[by]), String(b[by])) || compare(a.id, b.id)),
  );
  const filters = list.filters ?? [];
  await c.part("default page", () => firstPage(c, list, {}, 20, sorted));
  await c.part("largest page", () => firstPage(c, list, { limit: "100" }, 100, sorted));
  await c.part("exact page", () => firstPage(c, list, { limit: `${sorted.length}` }, sorted.length, sorted));
  await c.part("one by one", () => toTheEnd(c, list, {}, 1, sorted.slice(0, 8)));
  await c.part("by pages", () =>
    toTheEnd(c, list, {}, Math.max(2, Math.ceil(sorted.length / 3)), sorted, true),
  );
  await c.all([...filters, ...combinations(filters)], (filter) =>
    c.part(JSON.stringify(filter.query), async () => {
      const kept = sorted.filter(filter.keeps);
      await firstPage(c, list, filter.query, 20, kept);
      if (kept.length > 1) await toTheEnd(c, list, filter.query, Math.ceil(kept.length / 2), kept, true);
    }),
  );
  await c.part("cursors", () => cursors(c, list, filters));
  if (list.add !== undefined) await c.part("paging while rows are added", () => whileAdded(c, list, sorted));
}

async function page(
  c: Case,
  list: KnownList,
  query: Readonly<Record<string, string>>,
): Promise<[Answer, Page]> {
  const reply = await list.api.send(200, c.operation.id, {
    ...list.call,
    query: { ...list.call?.query, ...query },
  });
  return [reply, reply.body as Page];
}

async function firstPage(
  c: Case,
  list: KnownList,
  query: Readonly<Record<string, string>>,
  size: number,
  wanted: readonly Item[],
): Promise<void> {
  const [reply, body] = await page(c, list, query);
  c.equal("/items", body.items, wanted.slice(0, size), reply);
  c.equal("/nextCursor is there", body.nextCursor !== undefined, wanted.length > size, reply);
}

/** Pages of one size give exactly the items: nothing skipped, nothing twice; `whole`: and then end. */
async function toTheEnd(
  c: Case,
  list: KnownList,
  query: Readonly<Record<string, string>>,
  limit: number,
  wanted: readonly Item[],
  whole = false,
): Promise<void> {
  const got: Item[] = [];
  let cursor: string | undefined;
  let last: Answer | undefined;
  do {
    const [reply, body] = await page(c, list, { ...query, limit: `${limit}`, ...(cursor && { cursor }) });
    c.equal("/items, at most limit", body.items.length <= limit, true, reply);
    got.push(...body.items);
    cursor = body.nextCursor;
    last = reply;
  } while (cursor !== undefined && got.length < wanted.length);
  c.equal("all pages", got, wanted, last);
  if (whole) c.equal("/nextCursor of the last page", cursor, undefined, last);
}

async function whileAdded(c: Case, list: KnownList, sorted: readonly Item[]): Promise<void> {
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  let added = 0;
  const limit = Math.max(1, Math.floor(sorted.length / 4));
  do {
    const [, body] = await page(c, list, { limit: `${limit}`, ...(cursor && { cursor }) });
    seen.push(...body.items.map((item) => item.id));
    cursor = body.nextCursor;
    pages += 1;
    if (pages <= 2) {
      await list.add?.();
      added += 1;
    }
  } while (cursor !== undefined && pages < 50);
  const old = new Set(sorted.map((item) => item.id));
  c.equal(
    "pages while rows were added",
    seen.filter((id) => old.has(id)),
    sorted.map((item) => item.id),
  );
  c.equal("ids seen twice", seen.length - new Set(seen).size, 0);
  // Asked before the rows were added too: what is added is there at once.
  const [reply, all] = await page(c, list, { limit: "100" });
  const there = Math.min(100, sorted.length + added);
  c.equal(`at least ${there} items after adding`, all.items.length >= there, true, reply);
}

/** A cursor goes with any limit, and with nothing else than the list and the filters it is of. */
async function cursors(c: Case, list: KnownList, filters: readonly Filter[]): Promise<void> {
  const [, first] = await page(c, list, { limit: "1" });
  const cursor = first.nextCursor ?? "";
  const refused = (api: Api, query: Readonly<Record<string, string>>) =>
    c.refused(
      api.send(400, c.operation.id, { ...list.call, query: { ...list.call?.query, ...query } }),
      "invalid-cursor",
      { parameters: ["cursor"] },
    );
  await page(c, list, { limit: "2", cursor });
  await refused(list.api, { cursor: `${cursor}x` });
  await refused(list.api, { cursor: Buffer.from('{"id":"x"}').toString("base64url") });
  for (const filter of filters.slice(0, 2)) await refused(list.api, { ...filter.query, cursor });
  const narrowed = filters.find((filter) => list.items.filter(filter.keeps).length > 1);
  if (narrowed !== undefined) {
    const [, part] = await page(c, list, { ...narrowed.query, limit: "1" });
    await refused(list.api, { cursor: part.nextCursor ?? "" });
  }
  if (list.stranger !== undefined) await refused(list.stranger, { cursor });
}

/** Every two filters of different parameters, together. */
function combinations(filters: readonly Filter[]): readonly Filter[] {
  return filters.flatMap((a, index) =>
    filters
      .slice(index + 1)
      .filter((b) => Object.keys(a.query).every((name) => !(name in b.query)))
      .map((b) => ({
        query: { ...a.query, ...b.query },
        keeps: (item: Item) => a.keeps(item) && b.keeps(item),
      })),
  );
}

/** By UTF-16 code units, as ids and timestamps are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
