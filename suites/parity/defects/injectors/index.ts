import type { Defective } from "../call.ts";
import { accounts } from "./accounts.ts";
import { catalog } from "./catalog.ts";
import { invoices } from "./invoices.ts";
import { payments } from "./payments.ts";
import { subscriptions } from "./subscriptions.ts";
import { usage } from "./usage.ts";
import { webhooks } from "./webhooks.ts";

/** The code of each defect of the catalogue, by its id. */
export const injectors: Readonly<Record<string, Defective>> = {
  ...accounts,
  ...catalog,
  ...subscriptions,
  ...usage,
  ...invoices,
  ...payments,
  ...webhooks,
};
