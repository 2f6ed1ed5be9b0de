/** What a function is invoked with when its cold start is measured, and what it is known to do with it. */
export interface Probe {
  readonly payload: unknown;
  /** `error`: the function refuses the payload by throwing, which is no failure of the measurement. */
  readonly answers: "result" | "error";
}

const nobody = "acc_00000000000000000000";
const nothing = "00000000000000000000";

/** An HTTP API event (payload 2.0) of somebody who owns nothing, about something that does not exist. */
function http(method: string, path: string, ids: Readonly<Record<string, string>>): Probe {
  const [context] = path.split("/").filter((part) => part !== "");
  const routeKey = `${method} ${path}`;
  const rawPath = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "");
  const scopes = `${context === "plans" ? "catalog" : context}:read ${context === "plans" ? "catalog" : context}:write`;
  return {
    answers: "result",
    payload: {
      version: "2.0",
      routeKey,
      rawPath,
      rawQueryString: "",
      headers: { "user-agent": "cutover-cold-start-probe" },
      pathParameters: ids,
      requestContext: {
        http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "cutover" },
        authorizer: { lambda: { accountId: nobody, memberId: `mem_${nothing}`, scopes } },
        routeKey,
        stage: "$default",
      },
      isBase64Encoded: false,
    },
  };
}

const workflow: Probe = {
  answers: "error",
  payload: {
    kind: "finalize",
    accountId: nobody,
    group: `inv_${nothing}`,
    revision: 1,
    execution: "cold-start-probe",
  },
};

/**
 * Payloads of the bundled system's functions: each reads, finds nothing and changes nothing, so that the first
 * call to the database, which a real caller waits for too, is part of the measurement.
 */
const bundled: Readonly<Record<string, Probe>> = {
  AuthorizerFunction: {
    answers: "result",
    payload: { version: "2.0", type: "REQUEST", headers: { authorization: `Bearer ck_${"0".repeat(40)}` } },
  },
  AccountsQueryFunction: http("GET", "/accounts/{accountId}", { accountId: nobody }),
  AccountsCommandFunction: http("DELETE", "/accounts/{accountId}/members/{memberId}", {
    accountId: nobody,
    memberId: `mem_${nothing}`,
  }),
  CatalogQueryFunction: http("GET", "/plans/{planId}", { planId: `plan_${nothing}` }),
  CatalogCommandFunction: http("POST", "/plans/{planId}/archive", { planId: `plan_${nothing}` }),
  SubscriptionsQueryFunction: http("GET", "/subscriptions/{subscriptionId}", {
    subscriptionId: `sub_${nothing}`,
  }),
  SubscriptionsCommandFunction: http("POST", "/subscriptions/{subscriptionId}/resume", {
    subscriptionId: `sub_${nothing}`,
  }),
  UsageQueryFunction: http("GET", "/usage/events/{usageEventId}", { usageEventId: `usg_${nothing}` }),
  UsageCommandFunction: http("DELETE", "/usage/events/{usageEventId}", { usageEventId: `usg_${nothing}` }),
  InvoicesQueryFunction: http("GET", "/invoices/{invoiceId}", { invoiceId: `inv_${nothing}` }),
  InvoicesCommandFunction: http("POST", "/invoices/{invoiceId}/void", { invoiceId: `inv_${nothing}` }),
  PaymentsQueryFunction: http("GET", "/payments/{paymentId}", { paymentId: `pay_${nothing}` }),
  // Both of its operations take an Idempotency-Key and would write; without a body it is a 400.
  PaymentsCommandFunction: http("POST", "/payments/{paymentId}/refunds", { paymentId: `pay_${nothing}` }),
  WebhooksQueryFunction: http("GET", "/webhooks/{webhookId}", { webhookId: `whk_${nothing}` }),
  WebhooksCommandFunction: http("DELETE", "/webhooks/{webhookId}", { webhookId: `whk_${nothing}` }),
  InvoiceRaterFunction: workflow,
  InvoiceProcessorFunction: workflow,
  InvoiceNotifierFunction: { ...workflow, answers: "result" },
};

/** Every other function gets an empty object. */
const unknown: Probe = { answers: "result", payload: {} };

/** The probe of a function by its name; CloudFormation puts the stack before it and a random suffix after it. */
export function probeOf(functionName: string): Probe {
  const own = Object.keys(bundled).find((logicalId) =>
    new RegExp(`(?:^|-)${logicalId}(?:-[A-Za-z0-9]+)?$`).test(functionName),
  );
  return (own === undefined ? undefined : bundled[own]) ?? unknown;
}
