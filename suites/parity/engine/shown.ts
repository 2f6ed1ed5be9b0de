import type { Exchange, ShownStep } from "../result.ts";
import type { Environment } from "./environment.ts";
import type { Reply } from "./http.ts";
import type { Shown } from "./shrink.ts";
import { needsOf } from "./step.ts";

const SECRET = /^(authorization|proxy-authorization|cookie|x-api-key|.*(api-?key|token|secret).*)$/i;

/** The steps of a sequence with both sides' exchanges; credentials are masked. */
export function shownSteps(env: Environment, { ran }: Shown): readonly ShownStep[] {
  const needed = new Set(ran.flatMap(({ step }) => [...needsOf(step)]));
  return ran.map(({ step, replies }, index) => {
    const writes = env.ids.get(step.operation)?.safe === false;
    const first = ran.find(
      (each) =>
        each.step.operation === step.operation &&
        JSON.stringify(each.step.path) === JSON.stringify(step.path),
    );
    return {
      operation: step.operation,
      together: step.together === true,
      // What is only there so that others have something to name.
      setUp:
        index < ran.length - 1 &&
        ((writes && needed.has(step.id)) || step.settle === true) &&
        (first?.step.id === step.id || step.settle === true),
      baseline: exchangeOf(replies[0]),
      candidate: exchangeOf(replies[2]),
    };
  });
}

function exchangeOf({ request, status, headers, text, failure }: Reply): Exchange {
  const masked = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      SECRET.test(name) && !/idempoten/i.test(name) ? value.replace(/^((?:\w+ )?).*$/s, "$1***") : value,
    ]),
  );
  return {
    method: request.method,
    url: request.path,
    headers: masked,
    ...(request.body !== undefined && { body: request.body.slice(0, 4_000) }),
    status,
    replyHeaders: headers,
    reply: (failure ?? text).slice(0, 8_000),
  };
}
