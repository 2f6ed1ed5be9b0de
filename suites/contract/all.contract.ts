// One file for vitest, so that no context waits for the slowest case of another. What waits for deliveries and
// workflows comes first, and the rest fills the time.
import "./operations/webhooks.contract.ts";
import "./operations/invoices.contract.ts";
import "./operations/payments.contract.ts";
import "./operations/usage.contract.ts";
import "./operations/subscriptions.contract.ts";
import "./operations/catalog.contract.ts";
import "./operations/accounts.contract.ts";
