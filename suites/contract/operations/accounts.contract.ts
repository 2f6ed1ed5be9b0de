import { type Case, contract, isCaseMember, type Tenant } from "../case.ts";
import { anId, justNow, like } from "../lib/match.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkList } from "../walk/list.ts";
import { walkPatch } from "../walk/patch.ts";
import { allScopes } from "../walk/subject.ts";

const ADDRESS = {
  line1: "Hauptstraße 1",
  line2: "Hinterhaus",
  city: "Berlin",
  postalCode: "10115",
  country: "DE",
};
const { line2: _, ...SHORT_ADDRESS } = ADDRESS;
const KEY = like(/^ck_[A-Za-z0-9]{32,}$/);

/** The account and its ETag as a read shows them. */
async function readAccount(tenant: Tenant): Promise<unknown> {
  const reply = await tenant.api.getAccount(200, { path: { accountId: tenant.id } });
  return { etag: reply.headers.etag, body: reply.body };
}

/** All members, but those that the walks add for their scopes. */
async function readMembers(tenant: Tenant): Promise<unknown> {
  const reply = await tenant.api.listMembers(200, { path: { accountId: tenant.id }, query: { limit: 100 } });
  return reply.body.items.filter((member) => !isCaseMember(member));
}

contract("createAccount", async (c) => {
  const bodies = [
    { name: "Acme", email: "ada@example.com", currency: "EUR" },
    { name: " Ää\u0301 😀\n ", email: "A.b+c%d_e-f@x-1.example.com", currency: "JPY", taxRateBasisPoints: 0 },
    {
      name: "😀".repeat(120),
      email: longEmail(),
      currency: "KWD",
      taxRateBasisPoints: 10000,
      billingAddress: ADDRESS,
    },
    {
      name: "x",
      email: "a@b.c",
      currency: "USD",
      billingAddress: { line1: "1", city: "ü".repeat(100), postalCode: "p".repeat(20), country: "ZZ" },
    },
  ] as const;
  await c.all(bodies, (body) =>
    c.part(`accepts ${body.name.slice(0, 8)}`, async () => {
      const reply = await c.api.createAccount(201, { body });
      const { id, createdAt } = reply.body.account;
      c.body(reply, {
        account: {
          id: anId("acc"),
          taxRateBasisPoints: 0,
          ...body,
          createdAt: justNow(),
          updatedAt: createdAt,
        },
        owner: {
          id: anId("mem"),
          email: body.email,
          role: "owner",
          scopes: allScopes(c.model),
          createdAt: justNow(),
        },
        apiKey: KEY,
      });
      c.header(reply, "location", `/accounts/${id}`);
      const api = c.api.as(reply.body.apiKey);
      const read = await api.getAccount(200, { path: { accountId: id } });
      c.body(read, reply.body.account);
      c.header(read, "etag", reply.headers.etag);
      c.body(await api.listMembers(200, { path: { accountId: id } }), { items: [reply.body.owner] });
    }),
  );
  // Any Authorization is ignored; a repeated member counts as its last.
  const text =
    '{"name":"first","email":"ada@example.com","currency":"EUR","taxRateBasisPoints":19e2,"name":"last"}';
  const reply = await c.api.send(201, "createAccount", {
    headers: { authorization: "Bearer nobody" },
    body: Buffer.from(text),
  });
  const { account } = reply.body as { account: { name: string; taxRateBasisPoints: number } };
  c.equal("/account/name", account.name, "last", reply);
  c.equal("/account/taxRateBasisPoints", account.taxRateBasisPoints, 1900, reply);
  const tenant = await c.tenant();
  await walkConventions(c, { tenant, call: { body: bodies[2] } });
});

contract("getAccount", async (c) => {
  const tenant = await c.tenant({ billingAddress: ADDRESS });
  const reply = await tenant.api.getAccount(200, { path: { accountId: tenant.id } });
  c.body(reply, tenant.account);
  c.header(reply, "etag", tenant.etag);
  await walkConventions(c, { tenant, call: { path: { accountId: tenant.id } } });
});

contract("updateAccount", async (c) => {
  const tenant = await c.tenant({ billingAddress: ADDRESS });
  const path = { accountId: tenant.id };
  const get = () => tenant.api.getAccount(200, { path });
  await walkPatch(c, {
    api: tenant.api,
    path,
    get,
    steps: [
      { patch: {} },
      { patch: { name: tenant.account.name, taxRateBasisPoints: 1900, billingAddress: { city: "Berlin" } } },
      { patch: { name: " New\u0301 " }, changes: { name: " New\u0301 " } },
      {
        patch: { billingAddress: { line2: null, city: "Köln" } },
        changes: { billingAddress: { ...SHORT_ADDRESS, city: "Köln" } },
      },
      { patch: { billingAddress: { line2: null } } },
      { patch: { billingAddress: {} } },
      { patch: { billingAddress: null }, changes: { billingAddress: undefined } },
      { patch: { billingAddress: null } },
      { patch: { billingAddress: SHORT_ADDRESS }, changes: { billingAddress: SHORT_ADDRESS } },
      {
        patch: { email: "new@example.com", taxRateBasisPoints: 0, billingAddress: { line2: "b" } },
        changes: {
          email: "new@example.com",
          taxRateBasisPoints: 0,
          billingAddress: { ...SHORT_ADDRESS, line2: "b" },
        },
      },
      { patch: { taxRateBasisPoints: 10000 }, changes: { taxRateBasisPoints: 10000 } },
    ],
  });
  // The account's address is not the owner's.
  c.equal("members", await readMembers(tenant), [tenant.owner]);
  const etag = async () => (await get()).headers.etag ?? "";
  await walkPreconditionHolds(c, { tenant, call: { path, body: {} }, etag });
  await c.part("merged result", async () => {
    const bare = await c.tenant();
    const body = { billingAddress: { line1: "1", city: null, country: "DE" } };
    const change = (patch: unknown, pointers: readonly string[]) =>
      c.refused(
        bare.api.send(422, "updateAccount", {
          path: { accountId: bare.id },
          headers: { "If-Match": bare.etag },
          body: patch,
        }),
        "validation-failed",
        { pointers },
      );
    await change({ billingAddress: { line1: "1", country: "DE" } }, [
      "/billingAddress/city",
      "/billingAddress/postalCode",
    ]);
    await change(body, ["/billingAddress/city"]);
    await change({ name: null, currency: "EUR", id: "x" }, ["/name", "/currency", "/id"]);
    c.equal("account", await readAccount(bare), { etag: bare.etag, body: bare.account });
  });
  await lostUpdate(c, tenant);
  await walkConventions(c, {
    tenant,
    call: {
      path,
      body: { name: "Other", email: "other@example.com", taxRateBasisPoints: 5, billingAddress: ADDRESS },
    },
    etag,
    read: () => readAccount(tenant),
  });
});

/** Of updates with the same ETag at once, one wins, and the others are told. */
async function lostUpdate(c: Case, tenant: Tenant): Promise<void> {
  const path = { accountId: tenant.id };
  const before = await tenant.api.getAccount(200, { path });
  const headers = { "If-Match": before.headers.etag ?? "" };
  const replies = await Promise.all(
    ["a", "b", "c", "d"].map((name) =>
      tenant.api.updateAccount([200, 412], { path, headers, body: { name } }),
    ),
  );
  const won = replies.filter((reply) => reply.status === 200);
  c.equal("updates that won with one ETag", won.length, 1, replies[0]);
  c.equal("account after the race", (await tenant.api.getAccount(200, { path })).body, won[0]?.body, won[0]);
}

contract("listMembers", async (c) => {
  const tenant = await c.tenant();
  const path = { accountId: tenant.id };
  const invite = async (index: number) => {
    const body = {
      email: `m${index}@example.com`,
      role: "member",
      scopes: ["usage:write", "catalog:read"],
    } as const;
    return (await tenant.api.inviteMember(201, { path, body })).body.member;
  };
  const members = await c.all(
    Array.from({ length: 21 }, (__, index) => index),
    invite,
  );
  let next = 100;
  await walkList(c, {
    api: tenant.api,
    call: { path },
    items: [tenant.owner, ...members],
    by: "createdAt",
    direction: "ascending",
  });
  await walkConventions(c, { tenant, call: { path } });
  const small = await c.tenant();
  const smallPath = { accountId: small.id };
  const others = await c.all([1, 2, 3], async (index) => {
    const body = { email: `m${index}@example.com`, role: "owner" } as const;
    return (await small.api.inviteMember(201, { path: smallPath, body })).body.member;
  });
  await walkList(c, {
    api: small.api,
    call: { path: smallPath },
    items: [small.owner, ...others],
    by: "createdAt",
    direction: "ascending",
    add: () =>
      small.api.inviteMember(201, {
        path: smallPath,
        body: { email: `late${next++}@example.com`, role: "owner" },
      }),
  });
});

contract("inviteMember", async (c) => {
  const tenant = await c.tenant();
  const path = { accountId: tenant.id };
  const everything = allScopes(c.model);
  const invite = async (
    body: { email: string; role: string; scopes?: readonly string[] },
    scopes: readonly string[],
  ) => {
    const reply = await tenant.api.send(201, "inviteMember", { path, body });
    const member = { id: anId("mem"), email: body.email, role: body.role, scopes, createdAt: justNow() };
    c.body(reply, { member, apiKey: KEY });
    return reply.body as { member: Tenant["owner"]; apiKey: string };
  };
  const reader = await invite(
    { email: "r@example.com", role: "member", scopes: ["usage:read", "accounts:read"] },
    ["accounts:read", "usage:read"],
  );
  const all = await invite(
    { email: longEmail(), role: "member", scopes: [...everything].reverse() },
    everything,
  );
  const second = await invite({ email: "Owner.Two@example.com", role: "owner" }, everything);
  c.equal("members", await readMembers(tenant), [tenant.owner, reader.member, all.member, second.member]);
  // The key may do what it was given, and no more.
  const api = c.api.as(reader.apiKey);
  c.body(await api.getAccount(200, { path }), tenant.account);
  await api.listUsageEvents(200);
  await c.refused(api.listPlans(403), "forbidden");
  await c.refused(api.updateAccount(403, { path, body: {} }), "forbidden");
  await c.part("addresses already there", async () => {
    for (const email of ["r@example.com", "OWNER@Contract.example", "owner.two@EXAMPLE.com"])
      await c.refused(tenant.api.inviteMember(409, { path, body: { email, role: "owner" } }), "conflict", {});
    // At once, too: one of them is first.
    const body = { email: "race@example.com", role: "owner" } as const;
    const replies = await Promise.all(
      ["race@example.com", "RACE@example.com", "Race@Example.com"].map((email) =>
        tenant.api.inviteMember([201, 409], { path, body: { ...body, email } }),
      ),
    );
    c.equal("invitations that won", replies.filter((reply) => reply.status === 201).length, 1, replies[0]);
    // Another account may have the same.
    const other = await c.tenant();
    await other.api.inviteMember(201, { path: { accountId: other.id }, body });
  });
  const body = { email: "new@example.com", role: "member", scopes: ["usage:read", "usage:write"] };
  const invalid = (wrong: object, pointers: readonly string[]) =>
    c.refused(tenant.api.send(422, "inviteMember", { path, body: wrong }), "validation-failed", { pointers });
  await invalid({ email: "new@example.com", role: "member" }, ["/scopes"]);
  await invalid({ email: "new@example.com", role: "owner", scopes: ["usage:read"] }, ["/scopes"]);
  await walkConventions(c, {
    tenant,
    call: { path, body },
    read: () => readMembers(tenant),
    conflict: { path, body: { ...body, email: "r@example.com" } },
  });
});

contract("removeMember", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const accountPath = { accountId: tenant.id };
  const invite = async (email: string, role: "owner" | "member") => {
    const body = role === "owner" ? { email, role } : { email, role, scopes: ["accounts:write" as const] };
    return (await api.inviteMember(201, { path: accountPath, body })).body;
  };
  const remove = (memberId: string) => ({ path: { ...accountPath, memberId } });
  await c.part("a member", async () => {
    const { member, apiKey } = await invite("m@example.com", "member");
    const other = await invite("n@example.com", "member");
    const gone = await api.removeMember(204, remove(member.id));
    c.equal("body", gone.text, "", gone);
    await c.refused(c.api.as(apiKey).updateAccount(401, { path: accountPath, body: {} }), "unauthorized", {});
    await c.refused(c.api.as(apiKey).listPlans(401), "unauthorized", {});
    await c.refused(api.removeMember(404, remove(member.id)), "not-found", {});
    c.equal("members", await readMembers(tenant), [tenant.owner, other.member]);
    await c.refused(c.api.as(other.apiKey).getAccount(403, { path: accountPath }), "forbidden", {});
    const again = await invite("m@example.com", "member");
    c.equal("a new member", again.member.id === member.id, false);
    c.equal("members", await readMembers(tenant), [tenant.owner, other.member, again.member]);
    // One may remove oneself.
    await c.api.as(again.apiKey).removeMember(204, remove(again.member.id));
    await c.refused(
      c.api.as(again.apiKey).updateAccount(401, { path: accountPath, body: {} }),
      "unauthorized",
      {},
    );
  });
  await c.refused(api.removeMember(409, remove(tenant.owner.id)), "conflict", {});
  await c.part("the last owner", async () => {
    const second = await invite("o@example.com", "owner");
    const both = await Promise.all([
      api.removeMember([204, 409, 401], remove(second.member.id)),
      c.api.as(second.apiKey).removeMember([204, 409, 401], remove(tenant.owner.id)),
    ]);
    c.equal("owners that were removed", both.filter((reply) => reply.status === 204).length, 1, both[0]);
  });
  const fresh = await c.tenant();
  const body = { email: "m@example.com", role: "member", scopes: ["usage:read"] } as const;
  const { member } = (await fresh.api.inviteMember(201, { path: { accountId: fresh.id }, body })).body;
  await walkConventions(c, {
    tenant: fresh,
    call: { path: { accountId: fresh.id, memberId: member.id } },
    conflict: { path: { accountId: fresh.id, memberId: fresh.owner.id } },
  });
});

/** 254 characters, every part of it as long as it may be. */
function longEmail(): string {
  const labels = ["b".repeat(63), "c".repeat(63), "d".repeat(61)];
  return `${"a".repeat(64)}@${labels.join(".")}`;
}
