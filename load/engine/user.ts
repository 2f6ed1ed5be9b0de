import type { LoadRequest } from "../../gates/evidence/index.ts";
import { fill, fillText, type Variables } from "../scenario/template.ts";
import type { Match, RequestStep, Scenario } from "../scenario/types.ts";
import type { Ask, Exchange } from "./exchange.ts";
import type { Judgement } from "./judge-reply.ts";
import { waitUntil } from "./wait.ts";

/** What a user needs of the drive around it. */
export interface Surroundings {
  readonly clock: () => number;
  /** Aborted when the load has ended. */
  readonly over: AbortSignal;
  /** Sends once; undefined when the load has ended and nothing may be sent any more. */
  send(ask: Ask, dueMs: number): Promise<Exchange> | undefined;
  judge(step: RequestStep, variables: Variables, got: Exchange, pending?: Match): Judgement;
  record(step: RequestStep, dueMs: number, got: Exchange, outcome: LoadRequest["outcome"]): void;
}

/**
 * One user walks through the scenario. The first request is due at the arrival, each later one when its
 * predecessor has ended, plus think time. It goes home at the first error: what would follow is not a request.
 */
export async function runUser(
  scenario: Scenario,
  given: Variables,
  arrivalMs: number,
  around: Surroundings,
): Promise<void> {
  let variables = given;
  let dueMs = arrivalMs;

  const ask = async (step: RequestStep, pending?: Match): Promise<Judgement | undefined> => {
    const got = await around.send(askOf(step, variables), dueMs);
    if (got === undefined) return undefined;
    const judgement = around.judge(step, variables, got, pending);
    around.record(step, dueMs, got, judgement.outcome);
    dueMs = got.doneMs;
    variables = { ...variables, ...judgement.captured };
    return judgement.outcome === "ok" ? judgement : undefined;
  };
  const think = async (ms: number): Promise<void> => {
    dueMs += ms;
    await waitUntil(dueMs, around.clock, around.over);
  };

  for (const step of scenario.flow) {
    if (step.kind === "think") await think(step.thinkMs);
    else if (step.kind === "request") {
      if ((await ask(step)) === undefined) return;
    } else {
      for (let left = step.times; left > 0; left--) {
        await think(step.thinkMs);
        // The last answer must be the one waited for.
        const judgement = await ask(step.request, left > 1 ? step.pending : undefined);
        if (judgement === undefined) return;
        if (!judgement.pending) break;
      }
    }
  }
}

function askOf(step: RequestStep, variables: Variables): Ask {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(step.headers)) headers[name] = fillText(value, variables);
  const body = step.json === undefined ? undefined : JSON.stringify(fill(step.json, variables));
  if (body !== undefined) headers["content-type"] ??= "application/json";
  return { method: step.method, path: fillText(step.url, variables), headers, body };
}
