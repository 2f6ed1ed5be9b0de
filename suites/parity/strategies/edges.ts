import type { Operation } from "../../../openapi/model/index.ts";
import type { Player } from "./player.ts";

/** The same operation again and again with values from the ends of what is allowed. */
export async function edges(player: Player, operation: Operation): Promise<void> {
  const safe = player.env.ids.get(operation.id)?.safe === true;
  await player.prepare(operation);
  for (let n = 0; n < (safe ? 8 : 6) && !player.sequence.differs; n++) {
    // Another thing now and then: what is asked of it depends on what it is.
    const subject = player.env.ids.get(operation.id)?.subject;
    if (n > 0 && n % 2 === 0 && subject !== undefined) await player.make(subject);
    const ran = await player.call(operation, { taste: { edge: 0.85, optional: safe ? 1.2 : 0.7 } });
    if (ran === undefined) return;
    if (!safe && ran.replies[0].status < 300) await player.observe(ran, 2);
  }
  await player.audit(8);
}
