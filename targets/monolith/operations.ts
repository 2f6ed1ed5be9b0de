import { accountOperations } from "./accounts/account-operations.ts";
import { memberOperations } from "./accounts/member-operations.ts";
import { catalogOperations } from "./catalog/operations.ts";
import type { Operation } from "./http/operation.ts";
import { invoiceOperations } from "./invoices/operations.ts";
import { subscriptionOperations } from "./subscriptions/operations.ts";

/** Every operation this server answers, in the order of the contract. */
export const operations: readonly Operation[] = [
  ...accountOperations,
  ...memberOperations,
  ...catalogOperations,
  ...subscriptionOperations,
  ...invoiceOperations,
];
