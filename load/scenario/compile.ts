import { readMatch } from "./checks.ts";
import { duration, type Json, list, many, object, onlyKeys, refuse, text, whole } from "./refuse.ts";
import { type Reading, readRequest } from "./request.ts";
import type { LoopStep, ParallelStep, PollStep, Step } from "./types.ts";

/**
 * Turns the flow of an Artillery scenario into steps.
 * @param reading what texts may refer to; captures are added to it
 * @throws UsageError that names a step or setting this engine does not have: nothing is ignored
 */
export function compileFlow(flow: unknown, where: string, reading: Reading): readonly Step[] {
  return list(flow, where).map((raw, index) => {
    const at = `${where}/${index}`;
    const step = object(raw, at);
    if ("loop" in step) return loop(step, at, reading);
    if ("parallel" in step) return parallel(step, at, reading);
    const [kind, ...more] = Object.keys(step);
    if (kind === undefined || more.length > 0) throw refuse(at, Object.keys(step).join(", "), "one step");
    const inside = `${at}/${kind}`;
    if (kind === "think") return { kind: "think", thinkMs: duration(step.think, inside) };
    if (kind === "poll") return poll(object(step.poll, inside), inside, reading);
    if (kind === "function") return { kind, name: reading.functionNamed(step.function, inside) };
    return readRequest(step, inside, reading);
  });
}

function loop(step: Json, where: string, reading: Reading): LoopStep {
  onlyKeys(step, ["loop", "count", "over", "whileTrue", "loopValue", "loopElement"], where);
  const { over, count } = step;
  const countAs = step.loopValue === undefined ? "$loopCount" : text(step.loopValue, `${where}/loopValue`);
  const elementAs =
    step.loopElement === undefined ? "$loopElement" : text(step.loopElement, `${where}/loopElement`);
  if (over !== undefined && typeof over !== "string" && !Array.isArray(over))
    throw refuse(`${where}/over`, JSON.stringify(over), "a list, or the name of a variable that holds one");
  const whileTrue =
    step.whileTrue === undefined ? undefined : reading.functionNamed(step.whileTrue, `${where}/whileTrue`);
  if (count === undefined && over === undefined && whileTrue === undefined)
    throw refuse(where, "a loop without an end", "count, over or whileTrue");
  reading.add(countAs, elementAs);
  const [from, to] = over === undefined && count !== undefined ? range(count, `${where}/count`) : [0, -1];
  return {
    kind: "loop",
    from,
    to,
    ...(over !== undefined && { over: over as readonly unknown[] | string }),
    ...(whileTrue !== undefined && { whileTrue }),
    countAs,
    elementAs,
    flow: compileFlow(step.loop, `${where}/loop`, reading),
  };
}

/** `count` rounds, or rounds from a to below b of "a-b". */
function range(count: unknown, where: string): readonly [number, number] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(String(count)) ?? [];
  if (from !== undefined) return [Number(from), Number(to)];
  return [0, whole(typeof count === "string" ? Number(count) : count, where)];
}

function parallel(step: Json, where: string, reading: Reading): ParallelStep {
  onlyKeys(step, ["parallel", "limit"], where);
  return {
    kind: "parallel",
    limit: step.limit === undefined ? 100 : whole(step.limit, `${where}/limit`),
    flow: compileFlow(step.parallel, `${where}/parallel`, reading),
  };
}

function poll(given: Json, where: string, reading: Reading): PollStep {
  onlyKeys(given, ["think", "times", "while", "get", "match"], where);
  reading.check([given.match, given.while], where);
  const asked = readRequest({ get: given.get }, `${where}/get`, reading);
  return {
    kind: "poll",
    thinkMs: duration(given.think, `${where}/think`),
    times: whole(given.times, `${where}/times`),
    pending: readMatch(object(given.while, `${where}/while`), `${where}/while`),
    request: { ...asked, match: [...asked.match, ...many(given.match, `${where}/match`, readMatch)] },
  };
}
