import { checkReply } from "../../openapi/conformance/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import type { Scenario } from "../scenario/types.ts";
import { requestsIn } from "../scenario/walk.ts";

/** Compiles the checks of all replies before the clock starts: on the first reply it would make others late. */
export function prepareChecks(scenario: Scenario, model: OperationModel): void {
  for (const { endpoint, named, statuses } of requestsIn(scenario.flow)) {
    if (!named) continue;
    const reply = { headers: { "content-type": "application/json" }, text: "{}" };
    for (const status of statuses ?? [200]) checkReply(model, endpoint, { ...reply, status });
  }
}
