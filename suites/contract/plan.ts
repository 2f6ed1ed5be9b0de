import { UsageError } from "../../gates/exit.ts";
import {
  bundledModel,
  cells as documentedCells,
  loadSpecs,
  type OperationModel,
  operationById,
} from "../../openapi/model/index.ts";
import { exemptCells } from "./exempt-cells.ts";

/** The 42 operations of the bundled API, by context, in the order that numbers their cases. */
export const CONTEXTS = {
  accounts: ["createAccount", "getAccount", "updateAccount", "listMembers", "inviteMember", "removeMember"],
  catalog: ["listPlans", "createPlan", "getPlan", "updatePlan", "archivePlan", "quotePlan"],
  subscriptions: [
    "listSubscriptions",
    "createSubscription",
    "getSubscription",
    "changeSubscription",
    "cancelSubscription",
    "resumeSubscription",
  ],
  usage: [
    "recordUsage",
    "recordUsageBatch",
    "listUsageEvents",
    "getUsageEvent",
    "voidUsageEvent",
    "getUsageSummary",
  ],
  invoices: [
    "listInvoices",
    "draftInvoice",
    "getInvoice",
    "addInvoiceLine",
    "finalizeInvoice",
    "voidInvoice",
  ],
  payments: ["listPayments", "createPayment", "getPayment", "refundPayment", "listRefunds", "getRefund"],
  webhooks: [
    "listWebhooks",
    "createWebhook",
    "getWebhook",
    "updateWebhook",
    "deleteWebhook",
    "listDeliveries",
  ],
} as const;

export interface PlannedCase {
  /** `C01` to `C42`. */
  readonly id: string;
  readonly operationId: string;
  readonly context: string;
}

/** What a run sets out to do; the shape that the evidence's `contractPlan` has. */
export interface ContractPlan {
  readonly cases: PlannedCase[];
  readonly cells: string[];
  readonly exempt: { readonly cell: string; readonly reason: string }[];
}

/** All 42, numbered. */
export const CASES: readonly PlannedCase[] = Object.entries(CONTEXTS)
  .flatMap(([context, ids]) => ids.map((operationId) => ({ context, operationId })))
  .map((planned, index) => ({ id: `C${String(index + 1).padStart(2, "0")}`, ...planned }));

/**
 * The cases to run and the cells they have to exercise.
 * @param specs the documents; none means the bundled ones
 * @param only case numbers or operationIds; none means all
 * @throws UsageError for a name that is no case, SpecError for documents that cannot be read or lack an operation
 */
export function planContracts(specs: readonly string[], only: readonly string[] = []): ContractPlan {
  return contractPlan(specs.length === 0 ? bundledModel() : modelOf(specs), only);
}

const models = new Map<string, OperationModel>();

/** A plan is asked for again and again in a run, which means one state of the documents. */
function modelOf(specs: readonly string[]): OperationModel {
  const key = JSON.stringify(specs);
  const model = models.get(key) ?? loadSpecs(specs);
  models.set(key, model);
  return model;
}

/** The same, of documents already read. */
export function contractPlan(model: OperationModel, only: readonly string[] = []): ContractPlan {
  const names = new Set(CASES.flatMap((planned) => [planned.id, planned.operationId]));
  const unknown = only.filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new UsageError({
      what: "No contract case has this name.",
      got: unknown.join(", "),
      wanted: `C01 to C${CASES.length}, or an operationId such as createPlan`,
    });
  const cases = CASES.filter(
    (planned) => only.length === 0 || only.includes(planned.id) || only.includes(planned.operationId),
  );
  for (const planned of cases) operationById(model, planned.operationId);
  const chosen = new Set(cases.map((planned) => planned.operationId));
  const cells = documentedCells(model)
    .filter((cell) => chosen.has(cell.operation))
    .map((cell) => `${cell.operation} ${cell.status}`);
  return { cases, cells, exempt: exemptCells.filter((exemption) => cells.includes(exemption.cell)) };
}
