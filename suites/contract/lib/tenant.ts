import type { CallOf } from "../../../openapi/client/index.ts";
import type { operations } from "../../../openapi/generated/index.ts";
import type { AnswerOf, Api } from "./api.ts";

type NewAccount = CallOf<operations["createAccount"]>["body"];
type Created = AnswerOf<"createAccount", 201>["body"];
export type Account = Created["account"];
export type Member = Created["owner"];

/** One account of its own: an isolated world. */
export interface Tenant {
  readonly id: string;
  /** With the owner's key, which has all scopes. */
  readonly api: Api;
  readonly key: string;
  readonly account: Account;
  readonly etag: string;
  readonly owner: Member;
}

/** Creates an account: EUR and 19 % tax, unless told otherwise. */
export async function createTenant(api: Api, name: string, given: Partial<NewAccount> = {}): Promise<Tenant> {
  const reply = await api.createAccount(201, {
    body: { name, email: "owner@contract.example", currency: "EUR", taxRateBasisPoints: 1900, ...given },
  });
  const { account, owner, apiKey } = reply.body;
  const etag = reply.headers.etag ?? "";
  return { id: account.id, api: api.as(apiKey), key: apiKey, account, etag, owner };
}
