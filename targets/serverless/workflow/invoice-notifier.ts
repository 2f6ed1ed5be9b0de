import { arrivedEvent } from "./committed.ts";
import { attempt, headsOf, queueOf, serveRest } from "./delivering.ts";
import type { ExecutionInput } from "./start.ts";

export type NotifierResult =
  | { readonly outcome: "delivered" }
  | { readonly outcome: "waiting"; readonly waitSeconds: number };

/** One invocation goes on while there is something to send, but not for longer than this. */
const budgetMs = 20_000;

/**
 * Last task of the workflow: delivers the pending events of a group, to each webhook in order, to all webhooks at
 * once. When the next attempt is not due yet it answers how many whole seconds the state machine is to wait.
 * Several executions may deliver one group; a lease on each delivery keeps them apart.
 */
export async function handler(input: ExecutionInput): Promise<NotifierResult> {
  const { accountId, group } = input;
  if (input.kind === "notify") {
    const event = await arrivedEvent(accountId, input.eventId);
    if (!event) return { outcome: "delivered" }; // its change was never committed
  }
  for (const until = Date.now() + budgetMs; Date.now() < until; ) {
    const { pending, unserved } = await queueOf(accountId, group);
    if (unserved.length > 0) {
      await Promise.all(unserved.map(serveRest));
      continue;
    }
    const heads = headsOf(pending);
    if (heads.length === 0) return { outcome: "delivered" };
    const progress = await Promise.all(heads.map(attempt));
    const dueAt = Math.min(...progress.map((each) => (each.kind === "waiting" ? each.dueAt : 0)));
    if (dueAt > 0)
      return { outcome: "waiting", waitSeconds: Math.max(1, Math.ceil((dueAt - Date.now()) / 1000)) };
  }
  return { outcome: "waiting", waitSeconds: 1 };
}
