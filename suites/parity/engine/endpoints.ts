import { TargetError, UsageError } from "../../../gates/exit.ts";
import type { ParityTarget } from "../explore.ts";
import type { Environment } from "./environment.ts";
import { httpTo } from "./http.ts";
import { type Endpoint, Side } from "./side.ts";

const TIMEOUT_MS = 15_000;

export function endpointOf(
  target: ParityTarget,
  role: Endpoint["role"],
  pace: number | undefined,
  signal: AbortSignal,
): Endpoint {
  const { name, url, headers = {}, atOnce = 16, onePerResource = false } = target;
  const http = httpTo({
    url,
    headers,
    atOnce,
    onePerResource,
    timeoutMs: TIMEOUT_MS,
    signal,
    ...(pace !== undefined && { pace }),
  });
  return { name, role, url: url.replace(/\/+$/, ""), http };
}

/** @throws UsageError (exit 64): exploring creates, changes and deletes */
export function requireDisposable(...targets: readonly ParityTarget[]): void {
  const kept = targets.find(({ disposable }) => !disposable);
  if (kept === undefined) return;
  throw new UsageError({
    what: "Parity creates, changes and deletes things, and this target is not marked as disposable.",
    where: `targets.${kept.name}`,
    got: kept.url,
    wanted: "disposable: true, for a system whose data may be lost",
    next: "Mark it in cutover.config.ts if that is so; or compare reads alone with --replay.",
  });
}

/** Opens one account on each side. @throws TargetError (exit 69) where that does not work */
export async function requireReach(env: Environment): Promise<void> {
  for (const endpoint of [env.baseline, env.candidate]) {
    try {
      await new Side(endpoint, env.userFile).open();
    } catch (error) {
      throw new TargetError(
        {
          what: `No account can be opened on ${endpoint.name}.`,
          where: endpoint.url,
          got: (error as Error).message.split("\n")[0],
          wanted: "the user file's openAccount to succeed",
          next: "Check the URL and the user file.",
        },
        error,
      );
    }
  }
}
