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
  /** Of these one for each resource (the first segment of the path). */
  readonly onePerResource?: boolean;
}

/** Requests that a case makes without anything in between: a race, or one alone. */
interface Race {
  readonly go: (() => void)[];
  readonly resources: Set<string>;
  /** Whether its turn of the event loop is over, so that nothing can join it any more. */
  ready: boolean;
}

/**
 * Lets so many requests through; the others wait, before their time-out begins. A race goes out together, as soon as
 * there is room for all of it, or nothing else in flight.
 */
export function gateTo(inner: Transport, { atOnce, onePerResource = false }: GateLimits): Gate {
  /** The resource of each request in flight. */
  const flying: string[] = [];
  const races: Race[] = [];
  const isFree = ({ resources }: Race): boolean =>
    !onePerResource || !flying.some((resource) => resources.has(resource));
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
    const admitted = (resource: string): Promise<void> =>
      new Promise((resolve) => {
        if (open === undefined) {
          const race: Race = { go: [], resources: new Set(), ready: false };
          open = race;
          races.push(race);
          setImmediate(() => {
            race.ready = true;
            open = undefined;
            next();
          });
        }
        open.resources.add(resource);
        open.go.push(() => {
          flying.push(resource);
          resolve();
        });
      });
    return {
      close: () => inner.close(),
      async send(request): Promise<Sent> {
        const resource = resourceOf(request.url);
        await admitted(resource);
        try {
          return await inner.send(request);
        } finally {
          flying.splice(flying.indexOf(resource), 1);
          next();
        }
      },
    };
  };
}

const resourceOf = (url: string): string => /^(?:https?:\/\/[^/]+)?\/([^/?]*)/.exec(url)?.[1] ?? "";
