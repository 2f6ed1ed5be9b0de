import { newId } from "../domain/ids.ts";
import { newApiKey } from "../http/auth.ts";
import { listOperation } from "../http/list.ts";
import { allScopes, type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, notFound } from "../http/problem.ts";
import { type MemberRow, memberBody, newMember } from "./member.ts";

const path = "/accounts/{accountId}/members";

const listMembers = listOperation<Record<never, never>, MemberRow>({
  id: "listMembers",
  path,
  scope: "accounts:read",
  filters: {},
  source({ accountId, params }) {
    if (params.accountId !== accountId) throw notFound();
    return {
      select: "SELECT * FROM members",
      where: [["account_id =", accountId]],
      sort: "created_at",
      direction: "ASC",
    };
  },
  item: memberBody,
});

const inviteMember = operation({
  id: "inviteMember",
  method: "POST",
  path,
  scope: "accounts:write",
  body: "application/json",
  async handle({ db, accountId, params, body, now }) {
    if (params.accountId !== accountId) throw notFound();
    const input = readBody(newMember, body);
    const apiKey = newApiKey();
    const row = await db.row<MemberRow>(
      `INSERT INTO members (id, account_id, email, role, scopes, key_hash, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (account_id, lower(email COLLATE "C")) DO NOTHING RETURNING *`,
      [newId("mem"), accountId, input.email, input.role, input.scopes ?? allScopes, apiKey.hash, now],
    );
    if (row === undefined) throw conflict("This e-mail address is already a member of the account.");
    return { status: 201, body: { member: memberBody(row), apiKey: apiKey.key } };
  },
});

const removeMember = operation({
  id: "removeMember",
  method: "DELETE",
  path: `${path}/{memberId}`,
  scope: "accounts:write",
  async handle({ db, accountId, params }) {
    if (params.accountId !== accountId) throw notFound();
    // All owners are locked, in one order, so that two removals cannot each think the other owner stays.
    const owners = await db.rows<{ id: string }>(
      "SELECT id FROM members WHERE account_id = $1 AND role = 'owner' ORDER BY id FOR UPDATE",
      [accountId],
    );
    if (owners.length === 1 && owners[0]?.id === params.memberId)
      throw conflict("The last owner of an account cannot be removed.");
    const removed = await db.run("DELETE FROM members WHERE account_id = $1 AND id = $2", [
      accountId,
      params.memberId ?? "",
    ]);
    if (removed === 0) throw notFound();
    return { status: 204 };
  },
});

export const memberOperations: readonly Operation[] = [listMembers, inviteMember, removeMember];
