import { type Operation, type OperationModel, responseFor } from "../../../openapi/model/index.ts";
import { visitMembers } from "./ids.ts";

/** How a list is read page by page. */
export interface Paging {
  /** The query parameter that bounds a page. */
  readonly limit: string;
  /** The query parameter that says where to go on, and what it takes. */
  readonly from: string;
  readonly by: "cursor" | "offset" | "page";
  /** Where a reply has the next cursor. */
  readonly next: string | undefined;
}

const LIMIT = /^(limit|page_?size|per_?page|size|count|max_?(items|results)|top|take)$/i;
const CURSOR = /^(cursor|page_?token|after|starting_?after|continuation(_?token)?|next_?token|marker)$/i;
const OFFSET = /^(offset|skip|start)$/i;
const PAGE = /^(page|page_?number|p)$/i;
const NEXT =
  /^(next(_?(cursor|page_?token|token|page))?|cursor|continuation(_?token)?|next_?page_?token|end_?cursor)$/i;

/** How an operation is paged; `undefined` for one that is not. */
export function pagingOf(model: OperationModel, operation: Operation): Paging | undefined {
  if (operation.method !== "GET") return undefined;
  const query = operation.parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const limit = query.find((name) => LIMIT.test(name));
  if (limit === undefined) return undefined;
  const kinds = [
    ["cursor", query.find((name) => CURSOR.test(name))],
    ["offset", query.find((name) => OFFSET.test(name))],
    ["page", query.find((name) => PAGE.test(name))],
  ] as const;
  const found = kinds.find(([, name]) => name !== undefined);
  if (found?.[1] === undefined) return undefined;
  const [by, from] = found;
  if (by !== "cursor") return { limit, from, by, next: undefined };
  let next: string | undefined;
  const schema = responseFor(operation, 200)?.media[0]?.schema;
  if (schema !== undefined)
    visitMembers(model, schema, "", 0, new Set(), (pointer, name) => {
      if (next === undefined && NEXT.test(name) && !pointer.includes("*")) next = pointer;
    });
  return { limit, from, by, next };
}

/** Parameters that page through a list: none of them is a filter. */
export function pages(name: string): boolean {
  return LIMIT.test(name) || CURSOR.test(name) || OFFSET.test(name) || PAGE.test(name);
}
