import { isDeepStrictEqual } from "node:util";
import { type Handler, serve } from "../../lib/http.ts";
import { isId, newId } from "../../lib/ids.ts";
import { applyPatch } from "../../lib/merge-patch.ts";
import { etagOf, requireMatch } from "../../lib/precondition.ts";
import { conflict, notFound } from "../../lib/problem.ts";
import { email, isObject, object, oneOf, refine, uniqueSorted, validate } from "../../lib/schema.ts";
import {
  commit,
  insert,
  read,
  remove,
  replace,
  tables,
  untilUncontended,
  type Write,
} from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { newMember } from "./members.ts";
import {
  type Account,
  accountKey,
  accountPatch,
  allScopes,
  emailKey,
  loadAccount,
  memberKey,
  newAccount,
  type StoredMember,
} from "./store.ts";

const createAccount: Handler = async (call) => {
  const wanted = validate(newAccount, call.body);
  const createdAt = formatTime(call.now);
  const account: Account = {
    id: newId("acc", call.now),
    ...wanted,
    taxRateBasisPoints: wanted.taxRateBasisPoints ?? 0,
    createdAt,
    updatedAt: createdAt,
  };
  const { member: owner, apiKey, writes } = newMember(account.id, account.email, undefined, call.now);
  const item = { ...accountKey(account.id), version: 1, doc: account, owners: 1 };
  if (await commit([insert(tables.accounts, item), ...writes])) throw new Error("a new random id is taken");
  const headers = { etag: etagOf(1), location: `/accounts/${account.id}` };
  return { status: 201, headers, body: { account, owner, apiKey } };
};

const updateAccount: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadAccount(call.accountId, call.path("accountId"));
    const { name, email, taxRateBasisPoints, billingAddress, ...rest } = stored.doc;
    const current = { name, email, taxRateBasisPoints, ...(billingAddress && { billingAddress }) };
    const patched = applyPatch(accountPatch, current, call.body);
    requireMatch(call.ifMatch, stored.version);
    if (isDeepStrictEqual(current, patched))
      return { status: 200, headers: { etag: etagOf(stored.version) }, body: stored.doc };
    const account: Account = { ...rest, ...patched, updatedAt: formatTime(call.now) };
    if (await commit([replace(tables.accounts, stored, account)])) return undefined;
    return { status: 200, headers: { etag: etagOf(stored.version + 1) }, body: account };
  });

const invitation = refine(
  object({ email, role: oneOf(["owner", "member"]) }, { scopes: uniqueSorted(oneOf(allScopes), 1, 14) }),
  (value, at, faults) => {
    if (!isObject(value)) return;
    const given = Object.hasOwn(value, "scopes");
    if (value.role === "member" && !given)
      faults.push({ pointer: `${at}/scopes`, detail: "is required for a member" });
    if (value.role === "owner" && given)
      faults.push({ pointer: `${at}/scopes`, detail: "is for members only" });
  },
);

/** Counts the owners up or down; refused when none would be left. */
const countOwners = (accountId: string, by: 1 | -1): Write => ({
  Update: {
    TableName: tables.accounts,
    Key: accountKey(accountId),
    UpdateExpression: "SET owners = owners + :by",
    ConditionExpression: "owners > :atLeast",
    ExpressionAttributeValues: { ":by": by, ":atLeast": by === 1 ? 0 : 1 },
  },
});

const inviteMember: Handler = async (call) => {
  const account = await loadAccount(call.accountId, call.path("accountId"));
  const wanted = validate(invitation, call.body);
  const { member, apiKey, writes } = newMember(account.pk, wanted.email, wanted.scopes, call.now);
  const count = member.role === "owner" ? [countOwners(account.pk, 1)] : [];
  if (await commit([...writes, ...count]))
    throw conflict("The e-mail address belongs to a member of this account.");
  return { status: 201, body: { member, apiKey } };
};

const removeMember: Handler = async (call) => {
  const account = await loadAccount(call.accountId, call.path("accountId"));
  const id = call.path("memberId");
  const member = isId("mem", id)
    ? await read<StoredMember>(tables.accounts, memberKey(account.pk, id))
    : undefined;
  if (!member) throw notFound("member");
  const refused = await commit([
    remove(tables.accounts, member),
    remove(tables.accounts, emailKey(account.pk, member.doc.email)),
    remove(tables.accounts, { pk: member.keyPk, sk: "key" }),
    ...(member.doc.role === "owner" ? [countOwners(account.pk, -1)] : []),
  ]);
  if (refused?.[0]) throw notFound("member");
  if (refused) throw conflict("The last owner cannot be removed.");
  return { status: 204 };
};

export const handler = serve({ createAccount, updateAccount, inviteMember, removeMember });
