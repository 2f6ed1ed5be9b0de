import { etagOf } from "./etag.ts";
import type { Answer } from "./operation.ts";

/** 200 with a resource and its ETag. */
export const found = (representation: unknown): Answer => ({
  status: 200,
  headers: { ETag: etagOf(representation) },
  body: representation,
});

/** 201 with a resource, its ETag and where it is. */
export const created = (representation: { readonly id: string }, collection: string): Answer => ({
  status: 201,
  headers: { ETag: etagOf(representation), Location: `${collection}/${representation.id}` },
  body: representation,
});
