import { isDeepStrictEqual } from "node:util";
import { one } from "../db/one.ts";
import { newId } from "../domain/ids.ts";
import { found } from "../http/answers.ts";
import { newApiKey } from "../http/auth.ts";
import { etagOf, requireMatch } from "../http/etag.ts";
import { allScopes, type Operation, operation, readBody } from "../http/operation.ts";
import { applyPatch } from "../http/patch.ts";
import { notFound } from "../http/problem.ts";
import {
  type AccountRow,
  accountBody,
  accountPatch,
  newAccount,
  patchableAccount,
  patchedAccount,
} from "./account.ts";
import { type MemberRow, memberBody } from "./member.ts";

const selectAccount = "SELECT * FROM accounts WHERE id = $1";

const createAccount = operation({
  id: "createAccount",
  method: "POST",
  path: "/accounts",
  scope: undefined,
  body: "application/json",
  async handle({ db, body, now }) {
    const input = readBody(newAccount, body);
    const apiKey = newApiKey();
    const account = await one<AccountRow>(
      db,
      `INSERT INTO accounts (id, name, email, currency, tax_rate_basis_points, billing_address, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING *`,
      [
        newId("acc"),
        input.name,
        input.email,
        input.currency,
        input.taxRateBasisPoints,
        input.billingAddress ?? null,
        now,
      ],
    );
    const owner = await one<MemberRow>(
      db,
      `INSERT INTO members (id, account_id, email, role, scopes, key_hash, created_at)
       VALUES ($1, $2, $3, 'owner', $4, $5, $6) RETURNING *`,
      [newId("mem"), account.id, input.email, allScopes, apiKey.hash, now],
    );
    const representation = accountBody(account);
    return {
      status: 201,
      headers: { ETag: etagOf(representation), Location: `/accounts/${account.id}` },
      body: { account: representation, owner: memberBody(owner), apiKey: apiKey.key },
    };
  },
});

const getAccount = operation({
  id: "getAccount",
  method: "GET",
  path: "/accounts/{accountId}",
  scope: "accounts:read",
  async handle({ db, accountId, params }) {
    const row =
      params.accountId === accountId ? await db.row<AccountRow>(selectAccount, [accountId]) : undefined;
    if (row === undefined) throw notFound();
    return found(accountBody(row));
  },
});

const updateAccount = operation({
  id: "updateAccount",
  method: "PATCH",
  path: "/accounts/{accountId}",
  scope: "accounts:write",
  body: "application/merge-patch+json",
  async handle({ db, accountId, params, body, ifMatch, now }) {
    const row =
      params.accountId === accountId
        ? await db.row<AccountRow>(`${selectAccount} FOR NO KEY UPDATE`, [accountId])
        : undefined;
    if (row === undefined) throw notFound();
    const input = applyPatch(accountPatch, patchedAccount, patchableAccount(row), body);
    requireMatch(ifMatch, accountBody(row));
    const next: AccountRow = {
      ...row,
      name: input.name,
      email: input.email,
      tax_rate_basis_points: input.taxRateBasisPoints,
      billing_address: input.billingAddress ?? null,
    };
    if (!isDeepStrictEqual(accountBody(next), accountBody(row))) {
      next.updated_at = now;
      await db.run(
        `UPDATE accounts SET name = $2, email = $3, tax_rate_basis_points = $4, billing_address = $5, updated_at = $6
         WHERE id = $1`,
        [accountId, next.name, next.email, next.tax_rate_basis_points, next.billing_address, now],
      );
    }
    return found(accountBody(next));
  },
});

export const accountOperations: readonly Operation[] = [createAccount, getAccount, updateAccount];
