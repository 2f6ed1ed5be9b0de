import { matchRoute, type OperationModel } from "../../../openapi/model/index.ts";
import { jsonOf, type Received, type Sent } from "../../proxy/exchange.ts";
import { Owners, ownKey } from "../../proxy/owners.ts";
import { type RunningProxy, startProxy } from "../../proxy/proxy.ts";
import type { BehaviouralDefect } from "./catalogue.ts";
import { injectors } from "./injectors/index.ts";

/** A target that behaves in exactly one wrong way in front of a sound one; in none without a defect. */
export function startBehavingTarget(
  soundUrl: string,
  model: OperationModel,
  defect: BehaviouralDefect | undefined,
): Promise<RunningProxy> {
  const owners = new Owners();
  const handlers = defect === undefined ? {} : (injectors[defect.id]?.() ?? {});
  return startProxy(soundUrl, async (sent, forward) => {
    const observed = async (one: Sent): Promise<Received> => {
      const received = await forward(one);
      if (received.status < 300) owners.take(one, received);
      return received;
    };
    const match = matchRoute(model, sent.method, sent.url);
    if (match.kind !== "operation") return observed(sent);
    const handle = handlers[match.operation.id] ?? handlers["*"];
    if (handle === undefined) return observed(sent);
    const account = owners.ownerKeyOf(ownKey(sent)) ?? "";
    return handle({
      sent,
      operation: match.operation.id,
      path: match.pathParameters,
      query: new URLSearchParams(sent.url.split("?")[1] ?? ""),
      body: jsonOf(sent),
      account,
      ownerOfPath: owners.ownerOfPath(sent),
      forward: (other = sent) => observed(other),
      ask: (method, url, body, headers = {}) =>
        observed({
          method,
          url,
          headers: {
            authorization: `Bearer ${account}`,
            ...(body !== undefined && { "content-type": contentTypeOf(method) }),
            ...headers,
          },
          body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
        }),
    });
  });
}

const contentTypeOf = (method: string): string =>
  method === "PATCH" ? "application/merge-patch+json" : "application/json";
