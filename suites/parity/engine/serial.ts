import type { Environment } from "./environment.ts";
import type { Reply } from "./http.ts";
import { GivenUp, Sequence } from "./sequence.ts";
import type { Shown } from "./shrink.ts";

/**
 * Whether the candidate answers the race at the end of a sequence as the baseline answers the same requests one after
 * the other. Then it only took no notice of the race, as the baseline may do the next time: chance, no difference.
 */
export async function answersInTurn(env: Environment, { steps, ran }: Shown): Promise<boolean> {
  const last = ran.findLastIndex(({ step }) => !step.together);
  const raced = ran.slice(Math.max(0, last));
  if (raced.length < 2) return false;
  const sequence = new Sequence(env);
  try {
    await sequence.open();
    await sequence.run(steps.map(({ together: _, ...step }) => step));
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return false;
  }
  const inTurn = raced.flatMap(({ step }) => sequence.reply(step.id) ?? []);
  return alike(
    raced.map(({ replies }) => replies[2]),
    inTurn,
  );
}

type Answer = Pick<Reply, "status" | "text">;

/** Whether two sets of answers have the same statuses, and the same answers among them are one and the same. */
export function alike(some: readonly Answer[], others: readonly Answer[]): boolean {
  return some.length === others.length && shapeOf(some) === shapeOf(others);
}

function shapeOf(answers: readonly Answer[]): string {
  const sorted = [...answers].sort((a, b) => a.status - b.status);
  return sorted
    .map(({ status, text }) => `${status} like ${sorted.findIndex((each) => each.text === text)}`)
    .join();
}
