import { httpTransport, type Sent, type Transport } from "../../../openapi/client/index.ts";
import type { ContractTarget } from "../settings.ts";

/** For one request, milliseconds, from when it goes out. */
const TIMEOUT_MS = 10_000;
/** Requests in flight, unless the target says otherwise. */
const AT_ONCE = 8;

const gates = new Map<string, Gate>();

/** One case's way to a target: connections and places are shared with the other cases of this process. */
export function transportTo(target: Pick<ContractTarget, "url" | "atOnce" | "onePerResource">): Transport {
  const { url, atOnce = AT_ONCE, onePerResource = false } = target;
  const gate = gates.get(url) ?? gateTo(httpTransport(url, TIMEOUT_MS), { atOnce, onePerResource });
  gates.set(url, gate);
  return gate();
}

/** Makes one transport for each case. */
export type Gate = () => Transport;

export interface GateLimits {
  readonly atOnce: number;
  /** Of these one that reads and one that writes for each resource (the first segment of the path). */
  readonly onePerResource?: boolean;
}

/** Requests that a case makes without anything in between: a race, or one alone. */
interface Race {
  readonly go: (() => void)[];
  readonly lanes: Set<string>;
  /** Whether its turn of the event loop is over, so that nothing can join it any more. */
  ready: boolean;
}

/**
 * Lets so many requests through; the others wait, before their time-out begins. A race goes out together, as soon as
 * there is room for all of it, or nothing else in flight.
 */
export function gateTo(inner: Transport, { atOnce, onePerResource = false }: GateLimits): Gate {
  /** The lane of each request in flight. */
  const flying: string[] = [];
  const races: Race[] = [];
  const isFree = ({ lanes }: Race): boolean => !onePerResource || !flying.some((lane) => lanes.has(lane));
  const next = (): void => {
    for (const race of races.filter(({ ready }) => ready)) {
      const fits = flying.length + race.go.length <= atOnce;
      if (flying.length > 0 && fits && !isFree(race)) continue;
      // What follows must not overtake it for ever.
      if (flying.length > 0 && !fits) return;
      races.splice(races.indexOf(race), 1);
      for (const go of race.go) go();
    }
  };
  return () => {
    let open: Race | undefined;
    const admitted = (lane: string): Promise<void> =>
      new Promise((resolve) => {
        if (open === undefined) {
          const race: Race = { go: [], lanes: new Set(), ready: false };
          open = race;
          races.push(race);
          setImmediate(() => {
            race.ready = true;
            open = undefined;
            next();
          });
        }
        open.lanes.add(lane);
        open.go.push(() => {
          flying.push(lane);
          resolve();
        });
      });
    return {
      close: () => inner.close(),
      async send(request): Promise<Sent> {
        const lane = laneOf(request);
        await admitted(lane);
        try {
          return await inner.send(request);
        } finally {
          flying.splice(flying.indexOf(lane), 1);
          next();
        }
      },
    };
  };
}

/** What reads and what writes a resource are commonly two functions, which do not wait for each other. */
const laneOf = ({ method, url }: { readonly method: string; readonly url: string }): string =>
  `${method === "GET" ? "reads" : "writes"} ${/^(?:https?:\/\/[^/]+)?\/([^/?]*)/.exec(url)?.[1] ?? ""}`;
