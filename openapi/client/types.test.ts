import { expect, test } from "vitest";
import type { operations } from "../generated/index.ts";
import { type Client, expectStatus, type Reply } from "./index.ts";

/** Never run: the compiler is the test. A line that compiles though it should not fails `tsc` as an unused directive. */
async function typed(api: Client<operations>): Promise<void> {
  await api.listPlans();
  await api.listPlans({ query: { status: "archived", limit: 3 } });
  await api.getPlan({ path: { planId: "plan_1" } });
  await api.createAccount({ body: { name: "A", email: "a@b.co", currency: "EUR" } });

  // @ts-expect-error no such operation
  await api.listPlanets();
  // @ts-expect-error the path parameter is required
  await api.getPlan();
  // @ts-expect-error another path parameter
  await api.getPlan({ path: { id: "plan_1" } });
  // @ts-expect-error a query parameter that is not documented
  await api.listPlans({ query: { state: "archived" } });
  // @ts-expect-error a value that is not in the enum
  await api.listPlans({ query: { status: "gone" } });
  // @ts-expect-error a body is required
  await api.createAccount({});
  // @ts-expect-error a required member is missing
  await api.createAccount({ body: { name: "A", email: "a@b.co" } });
  // @ts-expect-error a member that is not documented
  await api.createAccount({ body: { name: "A", email: "a@b.co", currency: "EUR", nickname: "a" } });
  // @ts-expect-error a wrong type
  await api.createAccount({ body: { name: 1, email: "a@b.co", currency: "EUR" } });
  // @ts-expect-error no body is taken
  await api.getPlan({ path: { planId: "plan_1" }, body: {} });
  // @ts-expect-error Idempotency-Key is required
  await api.createPayment({ body: { invoiceId: "inv_1", amount: 1, method: "tok_ok" } });

  const reply = await api.createAccount({ body: { name: "A", email: "a@b.co", currency: "EUR" } });
  // @ts-expect-error the body is not known before kind and status are
  void reply.body.apiKey;
  if (reply.kind === "documented" && reply.status === 201) void reply.body.apiKey.length;
  if (reply.kind === "documented" && reply.status === 422) void reply.body.type;
  if (reply.kind === "undocumented") void reply.findings.length;
  if (reply.kind === "unreachable") void reply.cause;
  // @ts-expect-error a status that the operation does not document
  expectStatus(reply, 204);
  const created = expectStatus(reply, 201);
  const key: string = created.body.apiKey;
  // @ts-expect-error a member that the reply does not have
  void created.body.token;
  const gone: Reply<operations["removeMember"]> = await api.removeMember({
    path: { accountId: "a", memberId: key },
  });
  const nothing: undefined = expectStatus(gone, 204).body;
  void nothing;
}

test("the compiler has checked the calls above", () => {
  expect(typed).toBeTypeOf("function");
});
