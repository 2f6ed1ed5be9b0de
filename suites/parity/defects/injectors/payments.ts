import { randomBytes } from "node:crypto";
import {
  answer,
  answering,
  asOwner,
  bodyOf,
  type Call,
  type Defective,
  deafTo,
  eachObject,
  insteadOf,
  type Json,
} from "../call.ts";
import { relisting } from "../lists.ts";
import { forgetKey } from "./subscriptions.ts";

const isPayment = (object: Json): boolean => object.refundedAmount !== undefined;

/** Refunds that the sound target does not know, with what shows them. */
class Invented {
  readonly #refunds: Json[] = [];
  readonly #answers = new Map<string, Json>();

  /** Answers as if the payment had been refunded, the same again for the same key. */
  refund(call: Call, payment: Json) {
    const name = `${call.account} ${payment.id} ${call.sent.headers["idempotency-key"]} ${call.sent.body}`;
    const known = this.#answers.get(name);
    const refund = known ?? {
      id: `ref_${randomBytes(10).toString("hex")}`,
      paymentId: payment.id,
      ...call.body,
      currency: payment.currency,
      status: "succeeded",
      createdAt: new Date().toISOString(),
    };
    if (known === undefined) this.#refunds.push(refund);
    this.#answers.set(name, refund);
    const headers = { location: `/refunds/${refund.id}` };
    return answer(201, refund, known ? { ...headers, "idempotency-replayed": "true" } : headers);
  }

  of(paymentId: string | undefined): readonly Json[] {
    return this.#refunds.filter((refund) => refund.paymentId === paymentId);
  }
  byId(id: string | undefined): Json | undefined {
    return this.#refunds.find((refund) => refund.id === id);
  }
}

export const payments = {
  B56: () => ({ createPayment: forgetKey }),
  B57: () => {
    const invented = new Invented();
    const refunded = eachObject((object) => {
      const more = isPayment(object) ? invented.of(object.id) : [];
      const sum = more.reduce((total, { amount }) => total + amount, object.refundedAmount);
      return more.length === 0 ? undefined : { ...object, refundedAmount: sum };
    });
    return {
      refundPayment: insteadOf(409, async (call) => {
        const payment = bodyOf(await call.ask("GET", `/payments/${call.path.paymentId}`));
        const single = payment?.status === "succeeded" && call.body.amount <= payment.amount;
        return single ? invented.refund(call, payment) : undefined;
      }),
      listRefunds: relisting((refunds, { path }) => [...refunds, ...invented.of(path.paymentId)]),
      getRefund: insteadOf(404, async (call) => {
        const refund = invented.byId(call.path.refundId);
        const mine = refund && (await call.ask("GET", `/payments/${refund.paymentId}`)).status === 200;
        return mine ? answer(200, refund) : undefined;
      }),
      getPayment: refunded,
      listPayments: refunded,
    };
  },
  B58: () => {
    const zero = eachObject((object) => (isPayment(object) ? { ...object, refundedAmount: 0 } : undefined));
    return { getPayment: zero, listPayments: zero };
  },
  B59: () => ({ listPayments: relisting((all) => all.filter(({ status }) => status !== "failed")) }),
  B60: () => ({ listRefunds: deafTo("limit", /^([1-9][0-9]?|100)$/) }),
  B61: () => {
    const declined = eachObject((object) =>
      object.failureReason === "insufficient_funds" ? { ...object, failureReason: "declined" } : undefined,
    );
    return { createPayment: declined, getPayment: declined, listPayments: declined };
  },
  B62: () => ({
    getRefund: insteadOf(404, async (call) =>
      call.ownerOfPath === undefined ? undefined : call.forward(asOwner(call, call.ownerOfPath)),
    ),
  }),
  B63: () => ({ getRefund: answering(({ reason: _, ...rest }) => rest) }),
} satisfies Record<string, Defective>;
