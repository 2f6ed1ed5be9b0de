import { newApiKey, newId } from "../../lib/ids.ts";
import { insert, tables, type Write } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { keyEntryKey } from "./keys.ts";
import { allScopes, emailKey, type Member, memberKey, type Scope } from "./store.ts";

/** A member to be, its API key, and the writes that make it: the member, its address, its key's entry. */
export interface NewMember {
  readonly member: Member;
  readonly apiKey: string;
  readonly writes: readonly [Write, Write, Write];
}

/** `scopes` undefined: an owner, who has all of them. */
export function newMember(
  accountId: string,
  email: string,
  scopes: readonly Scope[] | undefined,
  now: number,
): NewMember {
  const member: Member = {
    id: newId("mem", now),
    email,
    role: scopes ? "member" : "owner",
    scopes: scopes ?? allScopes,
    createdAt: formatTime(now),
  };
  const apiKey = newApiKey();
  const entry = keyEntryKey(apiKey);
  return {
    member,
    apiKey,
    writes: [
      insert(tables.accounts, { ...emailKey(accountId, email), memberId: member.id }),
      insert(tables.accounts, { ...memberKey(accountId, member.id), doc: member, keyPk: entry.pk }),
      insert(tables.accounts, { ...entry, accountId, memberId: member.id, scopes: member.scopes }),
    ],
  };
}
