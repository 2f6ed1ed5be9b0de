import type { Operation, OperationModel } from "../model/index.ts";
import type { LintFinding } from "./finding.ts";

/** The 42 operations, six in each of the seven documents. */
export const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  accounts: ["createAccount", "getAccount", "updateAccount", "listMembers", "inviteMember", "removeMember"],
  catalog: ["listPlans", "createPlan", "getPlan", "updatePlan", "archivePlan", "quotePlan"],
  subscriptions: [
    ...["listSubscriptions", "createSubscription", "getSubscription"],
    ...["changeSubscription", "cancelSubscription", "resumeSubscription"],
  ],
  usage: [
    ...["recordUsage", "recordUsageBatch", "listUsageEvents"],
    ...["getUsageEvent", "voidUsageEvent", "getUsageSummary"],
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
};

/** Need `If-Match`. */
const GUARDED = ["updateAccount", "updatePlan", "changeSubscription", "addInvoiceLine", "updateWebhook"];
/** Need `Idempotency-Key`. */
const KEYED = [
  ...["draftInvoice", "addInvoiceLine", "finalizeInvoice"],
  ...["createSubscription", "createPayment", "refundPayment"],
];
/** A state, a limit or a race may forbid them. */
const STATEFUL = [
  ...[
    "inviteMember",
    "removeMember",
    "updatePlan",
    "archivePlan",
    "createSubscription",
    "changeSubscription",
  ],
  ...["cancelSubscription", "resumeSubscription", "recordUsage", "voidUsageEvent", "draftInvoice"],
  ...["addInvoiceLine", "finalizeInvoice", "voidInvoice", "createPayment", "refundPayment"],
];
const LEAST_VECTORS = 30;

/** What the conventions of the bundled API ask of its documents, beyond being well-formed. */
export function houseFindings(model: OperationModel): readonly LintFinding[] {
  return [
    ...setFindings(model),
    ...vectorFindings(model),
    ...model.operations.flatMap((operation) => [
      ...statusFindings(operation),
      ...securityFindings(operation),
      ...headerFindings(operation),
      ...replyFindings(operation),
    ]),
  ];
}

const where = (operation: Operation) => `${operation.file}#${operation.pointer}`;
const statuses = (operation: Operation) => operation.responses.map((response) => response.status);
const takes = (operation: Operation, place: string, name?: string) =>
  operation.parameters.some(
    (parameter) => parameter.in === place && (name === undefined || parameter.name.toLowerCase() === name),
  );

function setFindings(model: OperationModel): readonly LintFinding[] {
  const contexts = new Set([...Object.keys(OPERATIONS), ...model.operations.map(({ context }) => context)]);
  return [...contexts].flatMap((context) => {
    const got = model.operations.filter((each) => each.context === context).map(({ id }) => id);
    const wanted = OPERATIONS[context] ?? [];
    const missing = wanted.filter((id) => !got.includes(id));
    const extra = got.filter((id) => !wanted.includes(id));
    return [...missing.map((id) => `${id} is missing`), ...extra.map((id) => `${id} is none of the 42`)].map(
      (message) => ({ rule: "operations", where: `${context}.yaml`, message }),
    );
  });
}

function vectorFindings(model: OperationModel): readonly LintFinding[] {
  const vectors = model.operations.flatMap((operation) =>
    operation.vectors.map((vector) => ({
      operation,
      vector: (vector ?? {}) as Readonly<Record<string, unknown>>,
    })),
  );
  const incomplete = vectors
    .filter(({ vector }) => ["id", "given", "want", "working"].some((name) => vector[name] === undefined))
    .map(({ operation, vector }) => ({
      rule: "vectors",
      where: where(operation),
      message: `the vector ${String(vector.id)} lacks id, given, want or working`,
    }));
  const ids = vectors.map(({ vector }) => String(vector.id));
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  return [
    ...incomplete,
    ...twice.map((id) => ({ rule: "vectors", where: "x-vectors", message: `the vector ${id} stands twice` })),
    ...(vectors.length >= LEAST_VECTORS
      ? []
      : [
          {
            rule: "vectors",
            where: "x-vectors",
            message: `${vectors.length} vectors, at least ${LEAST_VECTORS}`,
          },
        ]),
  ];
}

/** The least an operation documents, and what it cannot answer. */
function statusFindings(operation: Operation): readonly LintFinding[] {
  const body = operation.requestBody !== undefined;
  const keyed = KEYED.includes(operation.id);
  const guarded = GUARDED.includes(operation.id);
  const wanted = [
    ...["429", "5XX"],
    ...(operation.id === "createAccount" ? [] : ["401", "403"]),
    ...(takes(operation, "path") ? ["404"] : []),
    ...(body ? ["400", "413", "415", "422"] : []),
    ...(takes(operation, "query") ? ["400"] : []),
    ...(guarded ? ["412", "428"] : []),
    ...(keyed ? ["400", "409", "422"] : []),
    ...(STATEFUL.includes(operation.id) ? ["409"] : []),
  ];
  const never = [
    ...(body ? [] : ["413", "415"]),
    ...(guarded ? [] : ["412", "428"]),
    ...(operation.id === "createAccount" ? ["401", "403"] : []),
    ...(takes(operation, "path") ? [] : ["404"]),
    ...(body || keyed || takes(operation, "query") ? [] : ["400"]),
  ];
  const got = statuses(operation);
  const say = (message: string) => ({ rule: "statuses", where: where(operation), message });
  return [
    ...[...new Set(wanted)]
      .filter((status) => !got.includes(status))
      .map((status) => say(`${operation.id} lacks ${status}`)),
    ...never
      .filter((status) => got.includes(status))
      .map((status) => say(`${operation.id} can never answer ${status}`)),
  ];
}

/** `<context>:read` for reading, quotes included, `<context>:write` for the rest; createAccount is public. */
function securityFindings(operation: Operation): readonly LintFinding[] {
  const reads = operation.method === "GET" || operation.id === "quotePlan";
  const wanted = operation.id === "createAccount" ? "" : `${operation.context}:${reads ? "read" : "write"}`;
  const got = operation.scopes.join(" ");
  const open = operation.security.length === 0;
  if (got === wanted && open === (wanted === "")) return [];
  const message = `${operation.id}: got ${open ? "public" : `scope ${got || "none"}`}, wanted ${wanted || "public"}`;
  return [{ rule: "security", where: where(operation), message }];
}

/** The request headers, on exactly the operations that need them. */
function headerFindings(operation: Operation): readonly LintFinding[] {
  const rules = [
    ["if-match", GUARDED],
    ["idempotency-key", KEYED],
  ] as const;
  return rules
    .filter(([name, needed]) => takes(operation, "header", name) !== needed.includes(operation.id))
    .map(([name, needed]) => {
      const verb = needed.includes(operation.id) ? "lacks" : "has no use for";
      return { rule: "headers", where: where(operation), message: `${operation.id} ${verb} ${name}` };
    });
}

/** Problems are problems, a kept answer says so, 401 challenges, and what is created links on. */
function replyFindings(operation: Operation): readonly LintFinding[] {
  return operation.responses.flatMap((response) => {
    const has = (name: string) => response.headers.some((header) => header.name === name);
    const types = response.media.map((media) => media.type).join(", ");
    const broken = [
      /^4/.test(response.status) && response.status !== "429" && types !== "application/problem+json"
        ? `answers ${types}, wanted application/problem+json`
        : "",
      response.status === "401" && !has("www-authenticate") ? "lacks WWW-Authenticate" : "",
      response.status === "201" && response.links.length === 0 ? "lacks links" : "",
      response.status === "204" && types !== "" ? "has content" : "",
      /^2/.test(response.status) && KEYED.includes(operation.id) && !has("idempotency-replayed")
        ? "lacks Idempotency-Replayed"
        : "",
      /^2/.test(response.status) && GUARDED.includes(operation.id) && !has("etag") ? "lacks ETag" : "",
    ];
    return broken
      .filter((message) => message !== "")
      .map((message) => ({
        rule: "replies",
        where: where(operation),
        message: `${operation.id} ${response.status} ${message}`,
      }));
  });
}
