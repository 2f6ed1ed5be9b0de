import { randomUUID } from "node:crypto";
import { checkReply } from "../../../../openapi/conformance/index.ts";
import { matchOperation, type OperationModel } from "../../../../openapi/model/index.ts";
import type { Json } from "../call.ts";

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** What a script does on a target with a fresh account, and what it then observes. */
export interface Trigger {
  /** What a sound target shows. */
  readonly right: unknown;
  see(world: World): Promise<unknown>;
}
export type Triggers = Readonly<Record<string, Trigger>>;

export const METERED = {
  name: "API",
  interval: "month",
  meter: "calls",
  pricing: { model: "per_unit", unitPrice: "0.1" },
};
export const FLAT = { name: "Team", interval: "month", pricing: { model: "flat", amount: 4900 } };
export const STARTS = "2026-01-31T00:00:00.000Z";

/** One fresh account on a target, and the steps that many scripts share. Every answer is held to the documents. */
export class World {
  readonly #url: string;
  readonly #model: OperationModel;
  /** What broke the contract. */
  readonly breaches: string[] = [];
  accountId = "";
  key = "";

  constructor(url: string, model: OperationModel) {
    this.#url = url;
    this.#model = model;
  }

  /** Opens an account that this world then acts for. */
  async open(more: object = {}): Promise<this> {
    const account = { name: "Acme", email: "ada@example.com", currency: "EUR", taxRateBasisPoints: 1900 };
    const { body } = await this.send("POST", "/accounts", { ...account, ...more });
    this.accountId = body.account.id;
    this.key = body.apiKey;
    return this;
  }

  /** The same target, seen by another account. */
  async neighbour(): Promise<World> {
    return this.#sharing(new World(this.#url, this.#model).open());
  }

  /** The same account with another key. */
  async as(key: string): Promise<World> {
    const world = new World(this.#url, this.#model);
    world.accountId = this.accountId;
    world.key = key;
    return this.#sharing(world);
  }

  async #sharing(other: World | Promise<World>): Promise<World> {
    const world = await other;
    this.breaches.push(...world.breaches);
    return Object.assign(world, { breaches: this.breaches });
  }

  /** Every POST has an Idempotency-Key of its own unless it brings one. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        ...(this.key !== "" && { authorization: `Bearer ${this.key}` }),
        ...(body !== undefined && { "content-type": type }),
        ...(method === "POST" && { "idempotency-key": randomUUID() }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const operation = matchOperation(this.#model, method, path);
    const reply = { status: response.status, headers: Object.fromEntries(response.headers), text };
    for (const { message } of operation === undefined ? [] : checkReply(this.#model, operation.id, reply)) {
      this.breaches.push(`${method} ${path}: ${message}`);
    }
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  get = (path: string): Promise<Seen> => this.send("GET", path);
  /** Sends with the ETag that the resource has now. */
  async patch(path: string, body: unknown): Promise<Seen> {
    return this.send("PATCH", path, body, { "if-match": await this.etag(path) });
  }
  etag = async (path: string): Promise<string> => (await this.get(path)).headers.get("etag") ?? "";
  ids = async (path: string): Promise<readonly string[]> =>
    (await this.get(path)).body.items.map(({ id }: Json) => id);

  account = (): string => `/accounts/${this.accountId}`;
  invite = (email: string, more: object = { role: "owner" }): Promise<Seen> =>
    this.send("POST", `${this.account()}/members`, { email, ...more });

  async plan(plan: object = FLAT): Promise<string> {
    return (await this.send("POST", "/plans", plan)).body.id;
  }
  async subscription(plan: object = FLAT, more: object = { startsAt: STARTS }): Promise<string> {
    const planId = await this.plan(plan);
    return (await this.send("POST", "/subscriptions", { planId, ...more })).body.id;
  }
  use = (subscriptionId: string, eventId: string, more: object = {}): Promise<Seen> =>
    this.send("POST", "/usage/events", usageOf(subscriptionId, eventId, more));
  summary = async (subscriptionId: string, from: string, to: string, granularity = "day"): Promise<Json> =>
    (
      await this.get(
        `/subscriptions/${subscriptionId}/usage-summary?meter=calls&from=${from}&to=${to}&granularity=${granularity}`,
      )
    ).body;

  async draft(subscriptionId: string, more: object = { periodStart: STARTS }): Promise<string> {
    return (await this.send("POST", "/invoices", { subscriptionId, ...more })).body.id;
  }
  async line(invoiceId: string, more: object = {}): Promise<Seen> {
    const line = { description: "Setup", quantity: "1", unitPrice: "0.5", ...more };
    return this.send("POST", `/invoices/${invoiceId}/lines`, line, {
      "if-match": await this.etag(`/invoices/${invoiceId}`),
    });
  }
  /** Finalizes and reads until the workflow has ended; ten seconds at most. */
  async finalize(invoiceId: string): Promise<Json> {
    await this.send("POST", `/invoices/${invoiceId}/finalize`);
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
      const { body } = await this.get(`/invoices/${invoiceId}`);
      if (body.status !== "finalizing") return body;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${invoiceId} was still finalizing after 10 s`);
  }
  /** An open invoice of 4900 and 19 % of it. */
  async openInvoice(): Promise<string> {
    const invoiceId = await this.draft(await this.subscription());
    await this.finalize(invoiceId);
    return invoiceId;
  }
  pay = (invoiceId: string, amount: number, more: object = {}, headers = {}): Promise<Seen> =>
    this.send("POST", "/payments", { invoiceId, amount, method: "tok_ok", ...more }, headers);
  refund = (paymentId: string, amount: number, more: object = {}): Promise<Seen> =>
    this.send("POST", `/payments/${paymentId}/refunds`, { amount, ...more });
  async webhook(more: object = {}): Promise<string> {
    const webhook = { url: "https://hooks.invalid/cutover", events: ["invoice.paid"], ...more };
    return (await this.send("POST", "/webhooks", webhook)).body.webhook.id;
  }
}

export const usageOf = (subscriptionId: string, eventId: string, more: object = {}) => ({
  eventId,
  subscriptionId,
  meter: "calls",
  quantity: "1",
  occurredAt: "2026-02-01T12:00:00.000Z",
  ...more,
});

/** Without an Idempotency-Key of its own, for a retry. */
export const retry = (key: string) => ({ "idempotency-key": key });
