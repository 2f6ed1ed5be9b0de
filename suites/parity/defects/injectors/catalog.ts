import { withHeader, withJson } from "../../../proxy/exchange.ts";
import { halfEven, halfUp, priceLine, reprice, scaled } from "../../../proxy/pricing.ts";
import {
  answering,
  asOwner,
  bodyOf,
  type Call,
  type Defective,
  deafTo,
  insteadOf,
  type Json,
  rewriting,
  succeeded,
} from "../call.ts";
import { relisting } from "../lists.ts";

const planUrl = ({ path }: Call): string => `/plans/${path.planId}`;

export const catalog = {
  B11: () => ({ listPlans: deafTo("status", /^(active|archived)$/) }),
  B12: () => ({ listPlans: relisting((plans) => plans.toReversed()) }),
  B13: () => ({
    listPlans: answering((page, { query }) =>
      query.has("cursor") ? { ...page, items: page.items.slice(1) } : page,
    ),
  }),
  B14: () => ({
    updatePlan: rewriting((patch) => ("description" in patch ? undefined : { ...patch, description: null })),
  }),
  B15: () => ({
    updatePlan: insteadOf(412, (call) => call.forward(withHeader(call.sent, "if-match", "*"))),
  }),
  B16: () => ({ archivePlan: insteadOf(409, (call) => call.ask("GET", planUrl(call))) }),
  B17: () => ({ quotePlan: answering((quote) => reprice(quote, halfUp)) }),
  B18: () => ({
    quotePlan: async (call) => {
      const received = await call.forward();
      const { tiers = [] } = bodyOf(await call.ask("GET", planUrl(call)))?.pricing ?? {};
      if (!succeeded(received) || tiers.length < 2) return received;
      const quote = bodyOf(received);
      const tier = tiers.find(
        ({ upTo }: Json) => upTo === undefined || scaled(quote.quantity) <= scaled(upTo),
      );
      const line = priceLine({ quantity: quote.quantity, unitPrice: tier.unitPrice }, quote, halfEven);
      const total = line.amount + line.taxAmount;
      // What no answer could hold is left as it was.
      if (quote.lines.length === 0 || !Number.isSafeInteger(total)) return received;
      const sums = { subtotal: line.amount, tax: line.taxAmount, total };
      return withJson(received, { ...quote, lines: [line], ...sums });
    },
  }),
  B19: () => ({
    quotePlan: answering((quote) => {
      const tax = Number(halfEven(BigInt(quote.subtotal) * BigInt(quote.taxRateBasisPoints), 10_000n));
      return { ...quote, tax, total: quote.subtotal + tax };
    }),
  }),
  B20: () => ({
    updatePlan: insteadOf(412, async (call) => {
      const archived = bodyOf(await call.ask("GET", planUrl(call)))?.status === "archived";
      return archived ? call.forward(withHeader(call.sent, "if-match", "*")) : undefined;
    }),
  }),
  B21: () => ({
    createPlan: insteadOf(403, (call) => call.forward(asOwner(call, call.account))),
  }),
} satisfies Record<string, Defective>;
