import { defineUserFile } from "./user-file.ts";

/** How parity gets an account on the two bundled systems, or any that keep their contract. */
export default defineUserFile({
  async openAccount(target) {
    const reply = await target.request({
      method: "POST",
      path: "/accounts",
      body: {
        name: "Parity",
        email: `owner-${target.nonce}@parity.example`,
        currency: "EUR",
        taxRateBasisPoints: 1900,
      },
    });
    const { account, owner, apiKey } = reply.body as {
      readonly account: { readonly id: string };
      readonly owner: { readonly id: string };
      readonly apiKey: string;
    };
    return {
      headers: { authorization: `Bearer ${apiKey}` },
      values: { accountId: account.id, memberId: owner.id },
    };
  },
  // A closed port of this machine: deliveries fail at once, and nobody outside is called.
  values: {
    url: [
      "https://127.0.0.1:9/hook",
      "https://127.0.0.1:9/Hook?Tenant=7&x=%20",
      "https://localhost:9/a/b/",
      "https://LOCALHOST:9",
    ],
  },
  credentials: [
    { operation: "inviteMember", pointer: "/apiKey", headers: (key) => ({ authorization: `Bearer ${key}` }) },
    {
      operation: "createAccount",
      pointer: "/apiKey",
      headers: (key) => ({ authorization: `Bearer ${key}` }),
    },
  ],
});
