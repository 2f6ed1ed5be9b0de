import { accountOperations } from "./accounts/account-operations.ts";
import { memberOperations } from "./accounts/member-operations.ts";
import { catalogOperations } from "./catalog/operations.ts";
import type { Operation } from "./http/operation.ts";
import { invoiceOperations } from "./invoices/operations.ts";
import { paymentOperations } from "./payments/payment-operations.ts";
import { refundOperations } from "./payments/refund-operations.ts";
import { subscriptionOperations } from "./subscriptions/operations.ts";
import { usageOperations } from "./usage/operations.ts";
import { webhookOperations } from "./webhooks/operations.ts";

/** Every operation this server answers, in the order of the contract. */
export const operations: readonly Operation[] = [
  ...accountOperations,
  ...memberOperations,
  ...catalogOperations,
  ...subscriptionOperations,
  ...usageOperations,
  ...invoiceOperations,
  ...paymentOperations,
  ...refundOperations,
  ...webhookOperations,
];
