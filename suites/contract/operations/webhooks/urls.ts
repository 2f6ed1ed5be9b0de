import type { Case } from "../../case.ts";
import { anId, justNow, like } from "../../lib/match.ts";
import { walkConventions } from "../../walk/conventions.ts";
import { EVERY, type NewWebhook, PAID, readAll, URL } from "./webhook.ts";

export async function whatIsTaken(c: Case): Promise<void> {
  const tenant = await c.tenant();
  const { api } = tenant;
  const bodies: readonly NewWebhook[] = [
    PAID,
    {
      url: "https://hooks.acme.example:8443/a?b=c",
      events: [...EVERY].reverse(),
      description: "x",
      enabled: true,
    },
    {
      url: "https://A.example:65535",
      events: ["payment.failed", "invoice.paid"],
      description: " Ää\u0301 😀\n",
      enabled: false,
    },
    {
      url: `https://a.example/${"p".repeat(2048 - 18)}`,
      events: ["subscription.canceled"],
      description: "😀".repeat(200),
    },
    { url: "https://[2001:db8::1]/", events: ["invoice.voided"] },
    ...["localhost:1/x", "LOCALHOST", "[::1]:8080/?q", "127.255.255.255:9/x", "127.0.0.1"].map(
      (rest): NewWebhook => ({ ...PAID, url: `http://${rest}` }),
    ),
  ];
  const made = await c.all(bodies, async (body) => {
    const reply = await api.createWebhook(201, { body });
    const { webhook } = reply.body;
    const times = { createdAt: justNow(), updatedAt: webhook.createdAt };
    const wanted = { id: anId("whk"), enabled: true, ...body, events: [...body.events].sort(), ...times };
    c.body(reply, { webhook: wanted, secret: like(/^whsec_[A-Za-z0-9]{32,64}$/) });
    c.header(reply, "location", `/webhooks/${webhook.id}`);
    return reply.body;
  });
  c.equal("webhooks", byId(await readAll(api)), byId(made.map(({ webhook }) => webhook)));
  c.equal("secrets", new Set(made.map(({ secret }) => secret)).size, made.length);
  const wrong = [
    ...["http://example.com/", "http://10.0.0.1/", "http://[::2]/", "http://127.1/", "http://127.0.0.256/"],
    ...["http://localhost.example.com/", "https://host:65536/", "https://host:0/", "https://user@host/"],
    ...[
      "https://u:p@host/",
      "https://host/#f",
      "https://",
      "HTTPS://host/",
      "ftp://host/",
      "//host/",
      "host",
    ],
    ...[
      "https://host/ä",
      "https://ho st/",
      " https://host/",
      "https://-host/",
      "http://127.0.0.1.example.com/",
    ],
  ];
  await c.all(wrong, (url) =>
    c.refused(api.createWebhook(422, { body: { ...PAID, url } }), "validation-failed", {
      pointers: ["/url"],
    }),
  );
  const body = {
    url: URL,
    events: ["invoice.paid", "invoice.failed"],
    description: "Ledger",
    enabled: false,
  };
  await walkConventions(c, { tenant, call: { body }, read: () => readAll(api) });
}

function byId<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
