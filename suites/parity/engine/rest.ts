import type { Operation } from "../../../openapi/model/index.ts";
import type { Environment } from "./environment.ts";
import type { Reply } from "./http.ts";
import type { Side } from "./side.ts";
import type { Step } from "./step.ts";

const MOVING =
  /"(status|state|phase)"\s*:\s*"(pending|queued|scheduled|running|processing|in[_-]?progress|\w+ing)"/i;

const UNMOVED_MS = 4_000;

/**
 * Reads again and again until an asynchronous operation has come to rest: nothing in the reply says that it is on
 * its way, and two replies are the same. Gives the last reply when that takes too long.
 */
export async function rest(env: Environment, side: Side, step: Step, operation: Operation): Promise<Reply> {
  const deadline = Date.now() + env.settleMs;
  let wait = 25;
  let before = "";
  let since = Date.now();
  for (;;) {
    const reply = await side.send(step, operation);
    const at = `${reply.status} ${reply.text}`;
    if (reply.failure !== undefined || (at === before && !MOVING.test(reply.text))) return reply;
    if (at !== before) since = Date.now();
    // Some states are called as if they were on their way, and stay.
    if (Date.now() > deadline || Date.now() - since > UNMOVED_MS || env.signal.aborted) return reply;
    before = at;
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.5, 300);
  }
}
