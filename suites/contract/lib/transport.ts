import { httpTransport, type Sent, type Transport } from "../../../openapi/client/index.ts";

/** For one request, milliseconds, from when it goes out. */
const TIMEOUT_MS = 10_000;
/**
 * Requests in flight to one target from one process. Two processes stay below what a small account of Lambda
 * runs at once, so that the tests see the target and not its throttle.
 */
const AT_ONCE = 3;

const transports = new Map<string, Transport>();

/** The connections of this process to one system, kept alive from case to case. */
export function transportTo(url: string): Transport {
  const known = transports.get(url);
  if (known !== undefined) return known;
  const made = atMost(AT_ONCE, httpTransport(url, TIMEOUT_MS));
  transports.set(url, made);
  return made;
}

/** Lets so many requests through at a time; the others wait in order, before their time-out begins. */
function atMost(count: number, inner: Transport): Transport {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    close: () => inner.close(),
    async send(request): Promise<Sent> {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await inner.send(request);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
