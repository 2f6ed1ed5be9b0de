import { read, tables } from "../../lib/table.ts";
import { type KeyEntry, keyEntryKey } from "../accounts/keys.ts";

interface AuthorizerEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A simple response of payload format 2.0. */
interface Decision {
  readonly isAuthorized: true;
  readonly context: Readonly<Record<string, string>>;
}

const unknownCaller: Decision = { isAuthorized: true, context: {} };

/**
 * Says who asks, and never denies: API Gateway cannot write the documented 401 and 403, the functions can. Not
 * cached, and read consistently, so that a removed member's key stops at once.
 */
export async function handler(event: AuthorizerEvent): Promise<Decision> {
  const key = /^bearer +(ck_[A-Za-z0-9]{32,100})$/i.exec(event.headers?.authorization ?? "")?.[1];
  const entry = key === undefined ? undefined : await read<KeyEntry>(tables.accounts, keyEntryKey(key));
  if (!entry) return unknownCaller;
  const { accountId, memberId, scopes } = entry;
  return { isAuthorized: true, context: { accountId, memberId, scopes: scopes.join(" ") } };
}
