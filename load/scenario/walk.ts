import type { RequestStep, Step } from "./types.ts";

/** Every request of a flow, wherever in it: once each, however often it is sent. */
export function requestsIn(flow: readonly Step[]): readonly RequestStep[] {
  return flow.flatMap((step): readonly RequestStep[] => {
    if (step.kind === "request") return [step];
    if (step.kind === "poll") return [step.request];
    return step.kind === "loop" || step.kind === "parallel" ? requestsIn(step.flow) : [];
  });
}

/** The fewest requests that a user makes when nothing fails: each poll once, what depends on a condition not at all. */
export function fewestRequests(flow: readonly Step[]): number {
  return flow.reduce((sum, step) => {
    if (step.kind === "request") return sum + (step.ifTrue === undefined ? 1 : 0);
    if (step.kind === "poll") return sum + 1;
    if (step.kind === "parallel") return sum + fewestRequests(step.flow);
    return step.kind === "loop" ? sum + roundsOf(step) * fewestRequests(step.flow) : sum;
  }, 0);
}

/** The fewest rounds of a loop. */
function roundsOf(step: Extract<Step, { kind: "loop" }>): number {
  if (Array.isArray(step.over)) return step.over.length;
  if (step.over !== undefined) return 0;
  return step.whileTrue === undefined ? Math.max(0, step.to - step.from) : 1;
}
