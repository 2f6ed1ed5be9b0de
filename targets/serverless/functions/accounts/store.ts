import { type Currency, currencies } from "../../lib/money.ts";
import { notFound } from "../../lib/problem.ts";
import { email, type Infer, integer, matching, object, oneOf, text } from "../../lib/schema.ts";
import { type Key, read, type Stored, tables } from "../../lib/table.ts";

const contexts = [
  "accounts",
  "catalog",
  "invoices",
  "payments",
  "subscriptions",
  "usage",
  "webhooks",
] as const;

/** All fourteen, sorted. An owner has them all. */
export const allScopes = contexts.flatMap((context) => [`${context}:read`, `${context}:write`] as const);
export type Scope = (typeof allScopes)[number];

const billingAddress = object(
  { line1: text(1, 200), city: text(1, 100), postalCode: text(1, 20), country: matching(/^[A-Z]{2}$/, 2) },
  { line2: text(1, 200) },
);
const taxRate = integer(0, 10_000);

export const newAccount = object(
  { name: text(1, 120), email, currency: oneOf<Currency>(currencies) },
  { taxRateBasisPoints: taxRate, billingAddress },
);

/** What updateAccount may change. */
export const accountPatch = object(
  { name: text(1, 120), email, taxRateBasisPoints: taxRate },
  { billingAddress },
);

export interface Account extends Infer<typeof accountPatch> {
  readonly id: string;
  readonly currency: Currency;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly role: "owner" | "member";
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
}

/** `owners` counts the owners, in every transaction that adds or removes one. It is not part of the version. */
export interface StoredAccount extends Stored<Account> {
  readonly owners: number;
}

/** `keyPk` finds the entry of the member's API key, which itself is not stored. */
export interface StoredMember extends Key {
  readonly doc: Member;
  readonly keyPk: string;
}

/** One partition for an account: itself, its members in order, and who holds which e-mail address. */
export const accountKey = (accountId: string): Key => ({ pk: accountId, sk: "account" });
export const memberKey = (accountId: string, memberId: string): Key => ({ pk: accountId, sk: memberId });
export const emailKey = (accountId: string, address: string): Key => ({
  pk: accountId,
  sk: `email#${address.toLowerCase()}`,
});

/** The caller's own account. @throws Problem 404 for any other id */
export async function loadAccount(
  callerAccountId: string,
  accountId = callerAccountId,
): Promise<StoredAccount> {
  const account =
    accountId === callerAccountId
      ? await read<StoredAccount>(tables.accounts, accountKey(accountId))
      : undefined;
  if (!account) throw notFound("account");
  return account;
}
