import { httpTransport, type Sent, type Transport } from "../../../openapi/client/index.ts";
import type { ContractTarget } from "../settings.ts";

/** For one request, milliseconds, from when it goes out. */
const TIMEOUT_MS = 10_000;
/** Requests in flight, unless the target says otherwise. */
const AT_ONCE = 4;

const transports = new Map<string, Transport>();

/** The connections of this process to one system, kept alive from case to case. */
export function transportTo({ url, atOnce }: Pick<ContractTarget, "url" | "atOnce">): Transport {
  const known = transports.get(url);
  if (known !== undefined) return known;
  const made = inTurn(atOnce ?? AT_ONCE, httpTransport(url, TIMEOUT_MS));
  transports.set(url, made);
  return made;
}

interface Waiting {
  /** Requests made without anything in between share it: they are a race. */
  readonly turn: number;
  readonly go: () => void;
}

/** Lets so many requests through; the others wait, before their time-out begins. A race goes out together. */
export function inTurn(count: number, inner: Transport): Transport {
  let flying = 0;
  let turn = 0;
  let waiting: Waiting[] = [];
  const next = (): void => {
    const [first] = waiting;
    // A turn that is still going on may bring more of the same race.
    if (first === undefined || first.turn === turn || flying >= count) return;
    const race = waiting.filter((one) => one.turn === first.turn);
    waiting = waiting.filter((one) => one.turn !== first.turn);
    flying += race.length;
    for (const one of race) one.go();
  };
  const admitted = (): Promise<void> =>
    new Promise((go) => {
      if (waiting.at(-1)?.turn !== turn) {
        const mine = ++turn;
        // After everything that is asked for in this turn of the event loop has come to wait.
        setImmediate(() => {
          if (turn === mine) turn += 1;
          next();
        });
      }
      waiting.push({ turn, go });
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
}
