import { matchOperation, type OperationModel } from "../../../openapi/model/index.ts";
import type { Received, Sent } from "../../proxy/exchange.ts";
import { type RunningProxy, startProxy } from "../../proxy/proxy.ts";
import type { Defect } from "./fault.ts";
import { injectorOf } from "./injectors.ts";
import { Memory } from "./memory.ts";

/**
 * A target that is wrong in exactly one way: it hands everything on to a sound one and applies the defect to
 * the traffic of its operation. With `undefined` for the defect it changes nothing.
 */
export function startDefectiveTarget(
  soundUrl: string,
  model: OperationModel,
  defect: Defect | undefined,
): Promise<RunningProxy> {
  const memory = new Memory();
  const inject = defect === undefined ? undefined : injectorOf(defect.fault, memory);
  return startProxy(soundUrl, async (sent, forward) => {
    const isOfDefect =
      defect !== undefined && matchOperation(model, sent.method, sent.url)?.id === defect.operation;
    const observed = async (one: Sent): Promise<Received> => {
      const received = await forward(one);
      memory.observe(one, received, isOfDefect);
      return received;
    };
    return inject && isOfDefect ? inject(sent, observed) : observed(sent);
  });
}
