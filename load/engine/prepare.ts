import { checkReply } from "../../openapi/conformance/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import type { Scenario } from "../scenario/types.ts";

/** Compiles the checks of all replies before the clock starts: on the first reply it would make others late. */
export function prepareChecks(scenario: Scenario, model: OperationModel): void {
  for (const step of scenario.flow) {
    if (step.kind === "think") continue;
    const { endpoint, statuses } = step.kind === "poll" ? step.request : step;
    const reply = { headers: { "content-type": "application/json" }, text: "{}" };
    for (const status of statuses) checkReply(model, endpoint, { ...reply, status });
  }
}
