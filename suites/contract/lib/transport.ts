import { httpTransport, type Sent, type Transport } from "../../../openapi/client/index.ts";
import type { ContractTarget } from "../settings.ts";

/** For one request, milliseconds, from when it goes out. */
const TIMEOUT_MS = 10_000;
/** Requests in flight, unless the target says otherwise. */
const AT_ONCE = 8;

const gates = new Map<string, Gate>();

/** One case's way to a target: connections and places are shared with the other cases of this process. */
export function transportTo({ url, atOnce }: Pick<ContractTarget, "url" | "atOnce">): Transport {
  const gate = gates.get(url) ?? gateTo(httpTransport(url, TIMEOUT_MS), atOnce ?? AT_ONCE);
  gates.set(url, gate);
  return gate();
}

/** Makes one transport for each case. */
export type Gate = () => Transport;

/** Requests that a case makes without anything in between: a race. */
interface Race {
  readonly go: (() => void)[];
  /** Whether its turn of the event loop is over, so that nothing can join it any more. */
  ready: boolean;
}

/** Lets so many requests through; the others wait, before their time-out begins. A race goes out together. */
export function gateTo(inner: Transport, count: number): Gate {
  let flying = 0;
  const races: Race[] = [];
  const next = (): void => {
    const first = races.findIndex((race) => race.ready);
    if (first === -1 || flying >= count) return;
    const [race] = races.splice(first, 1);
    flying += race?.go.length ?? 0;
    for (const go of race?.go ?? []) go();
    next();
  };
  return () => {
    let open: Race | undefined;
    const admitted = (): Promise<void> =>
      new Promise((go) => {
        if (open === undefined) {
          const race: Race = { go: [], ready: false };
          open = race;
          races.push(race);
          setImmediate(() => {
            race.ready = true;
            open = undefined;
            next();
          });
        }
        open.go.push(go);
      });
    return {
      close: () => inner.close(),
      async send(request): Promise<Sent> {
        await admitted();
        try {
          return await inner.send(request);
        } finally {
          flying -= 1;
          next();
        }
      },
    };
  };
}
