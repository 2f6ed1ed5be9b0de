import type { Ending } from "../load-sample.ts";
import { type GateKind, oneTarget } from "./kind.ts";
import { judgeShare } from "./share.ts";

/** The share of requests that the target refused for now is at most the limit. */
export const throttleRate: GateKind = {
  name: "throttleRate",
  targets: oneTarget,
  judge: (record, spec) =>
    judgeShare(record, spec, {
      subject: "The share of throttled requests",
      noun: "throttle",
      happens: "requests are throttled",
      counts: isThrottled,
    }),
};

/**
 * 429 says so. An HTTP API answers 503 for a throttled function, and nothing outside tells it from another 503:
 * counting both cannot make a target look better than it is.
 */
export function isThrottled({ outcome, reply }: Ending): boolean {
  return outcome === "throttled" || (outcome !== "ok" && (reply === 429 || reply === 503));
}
