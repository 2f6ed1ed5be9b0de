import type { Case } from "../../case.ts";
import { anId, justNow } from "../../lib/match.ts";
import { checkArrival, type Inbox } from "../../lib/receiver.ts";
import type { Created, Delivery } from "./webhook.ts";

/** How long to wait for deliveries: a busy machine makes them late, and that alone is no defect. */
export const PATIENCE_MS = 30_000;

/** Between attempts, milliseconds; and how much later than that one may begin on a machine with nothing to do. */
const [PAUSES, LATE_MS] = [[1_000, 5_000], 3_000] as const;

export function resources(known: readonly Delivery[]): readonly string[] {
  return known.map(({ resourceId }) => resourceId);
}

export type Outcome = number | "timeout" | "unreachable";

export function outcomeOf(attempt: Delivery["attempts"][number]): Outcome {
  return "error" in attempt ? attempt.error : attempt.responseStatus;
}

/** How late the target begins deliveries that nothing holds back, milliseconds: what it does later is not later than that. */
export function lateness(known: readonly Delivery[]): number {
  return Math.max(
    ...known.map(({ createdAt, attempts }) => Date.parse(attempts[0]?.at ?? "") - Date.parse(createdAt)),
  );
}

/** Holds a delivery that has ended to what arrived for it, and both to the outcomes wanted. */
export function holdDelivery(
  c: Case,
  delivery: Delivery,
  { webhook, secret }: Created,
  inbox: Inbox,
  outcomes: readonly Outcome[],
  lateMs = 0,
): void {
  const arrivals = inbox.of(delivery.eventId);
  const event = arrivals[0]?.event;
  const what = `delivery of ${delivery.event}`;
  const failed = outcomes.length === 3 && !String(outcomes[2]).startsWith("2");
  c.equal(what, delivery, {
    id: anId("dlv"),
    webhookId: webhook.id,
    event: event?.type,
    eventId: event?.id,
    resourceId: event?.data.id,
    status: failed ? "failed" : "succeeded",
    attempts: outcomes.map((outcome) => ({
      at: justNow(),
      ...(typeof outcome === "number" ? { responseStatus: outcome } : { error: outcome }),
    })),
    createdAt: event?.createdAt,
  });
  // The target's clock is its own; what lies between its times can be compared.
  const began = delivery.attempts.map(({ at }) => Date.parse(at));
  c.equal(`${what}: attempts that arrived`, arrivals.length, outcomes.length);
  for (const [index, arrival] of arrivals.entries()) {
    checkArrival(c, arrival, secret);
    c.equal(`${what}: bytes of attempt ${index + 1}`, arrival.text, arrivals[0]?.text);
    const seconds = Number(/^t=(\d+)/.exec(String(arrival.headers["webhook-signature"]))?.[1]);
    c.equal(
      `${what}: t is of the attempt`,
      Math.abs(seconds * 1000 + 500 - (began[index] ?? 0)) < 2_000,
      true,
    );
    const pause = PAUSES[index];
    const next = began[index + 1];
    if (pause === undefined || next === undefined) continue;
    const wanted = pause + (outcomes[index] === "timeout" ? 2_000 : 0);
    const waited = next - (began[index] ?? 0);
    const inTime = waited >= wanted - 20 && waited <= wanted + LATE_MS + 2 * lateMs;
    c.equal(`${what}: milliseconds before attempt ${index + 2}`, inTime || waited, true);
  }
}
