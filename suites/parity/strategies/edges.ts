import type { Operation } from "../../../openapi/model/index.ts";
import type { Player } from "./player.ts";

/** The same operation again and again with values from the ends of what is allowed. */
export async function edges(player: Player, operation: Operation): Promise<void> {
  const { safe, creates } = player.env.ids.get(operation.id) ?? {};
  await player.prepare(operation);
  // What creates nothing may well be a computation: its cases are many, and nothing is read back.
  for (let n = 0; n < (safe === true || creates === undefined ? 10 : 6) && !player.sequence.differs; n++) {
    // Another thing now and then: what is asked of it depends on what it is.
    const subject = player.env.ids.get(operation.id)?.subject;
    if (n > 0 && n % 2 === 0 && subject !== undefined) await player.make(subject);
    const ran = await player.call(operation, { taste: { edge: 0.85, optional: safe ? 1.2 : 0.7 } });
    if (ran === undefined) return;
    if (safe !== true && ran.replies[0].status < 300) await player.observe(ran, 2);
  }
  await player.audit(8);
}
