import { hashOf } from "../../lib/ids.ts";
import type { Key } from "../../lib/table.ts";

/** Where an API key leads. Stored under the key's hash, written and deleted together with its member. */
export interface KeyEntry extends Key {
  readonly accountId: string;
  readonly memberId: string;
  readonly scopes: readonly string[];
}

/** The key of an API key's entry in the accounts table. */
export const keyEntryKey = (apiKey: string): Key => ({ pk: `key#${hashOf(apiKey)}`, sk: "key" });
