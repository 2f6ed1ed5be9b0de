import { arrivalsOf, planLoad } from "./plan.ts";
import { readScenario } from "./scenario/read.ts";
import type { Step } from "./scenario/types.ts";

/** How many requests a load will make on one target, by phase, and which operations they are. */
export interface ExpectedLoad {
  readonly phases: readonly { readonly name: string; readonly seconds: number; readonly requests: number }[];
  /** The share of each operation in a user's requests, each poll taken once. */
  readonly endpoints: Readonly<Record<string, number>>;
}

/** What `planLoad` plans, in parts. @throws UsageError as `planLoad` */
export function expectLoad(load: Parameters<typeof planLoad>[0]): ExpectedLoad {
  const plan = planLoad(load);
  const perUser = plan.requests / plan.arrivals;
  const names = endpointsOf(readScenario(load.scenario, load.specs).flow);
  const endpoints: Record<string, number> = {};
  for (const name of names) endpoints[name] = (endpoints[name] ?? 0) + 1 / names.length;
  return {
    phases: plan.phases.map((phase) => ({
      name: phase.name,
      seconds: phase.seconds,
      requests: arrivalsOf(phase) * perUser,
    })),
    endpoints,
  };
}

/** The operations of a flow, each as often as it stands there, wherever in it. */
function endpointsOf(flow: readonly Step[]): readonly string[] {
  return flow.flatMap((step) => {
    if ("endpoint" in step) return [step.endpoint];
    if ("request" in step) return [step.request.endpoint];
    return endpointsOf((step as { readonly flow?: readonly Step[] }).flow ?? []);
  });
}
