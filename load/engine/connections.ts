import { Client } from "undici";

/** A connection to the target, or the place for one: it connects when it is first needed, and again when lost. */
export interface Connection {
  readonly client: Client;
  /** How often it had to connect so far. */
  connects: number;
}

/** Uses a connection; false when it is not needed any more. */
export type Use = (connection: Connection) => boolean;

/**
 * More connections than this at once are no load but a storm: the target's queue for new ones overflows, and what is
 * measured then is how the operating system tries again. Who comes when all are busy waits for one; its clock runs.
 */
const MOST = 500;

/**
 * As many connections to one origin as requests are under way at once, up to a limit. The one used last is used next,
 * so that few stay busy and the rest can be closed by the target. undici's own pool would look through all of them
 * for each request, which at thousands of requests a second is the generator's own queue.
 */
export class Connections {
  readonly #origin: string;
  readonly #connectTimeoutMs: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  /** In order; those before `served` have been. */
  readonly #waiting: Use[] = [];
  #served = 0;

  constructor(origin: string, connectTimeoutMs: number) {
    this.#origin = origin;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** Calls `use` with a connection: at once, or when one is free. */
  take(use: Use): void {
    const connection = this.#idle.pop() ?? (this.#all.size < MOST ? this.#open() : undefined);
    if (connection !== undefined) use(connection);
    else this.#waiting.push(use);
  }

  /** Gives back a connection whose request has ended. */
  release(connection: Connection): void {
    if (this.#all.has(connection)) this.#offer(connection);
  }

  /** Gives up a connection whose request has not ended: nobody waits for it any more. */
  drop(connection: Connection): void {
    this.#all.delete(connection);
    void connection.client.destroy().catch(() => undefined);
    if (this.#waiting.length > 0) this.#offer(this.#open());
  }

  /** To who waits longest and still does. */
  #offer(connection: Connection): void {
    for (let use = this.#next(); use !== undefined; use = this.#next()) if (use(connection)) return;
    this.#idle.push(connection);
  }

  #next(): Use | undefined {
    const use = this.#waiting[this.#served];
    if (use === undefined) return undefined;
    this.#served += 1;
    if (this.#served === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#served = 0;
    }
    return use;
  }

  async destroy(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    this.#waiting.length = 0;
    await Promise.all(all.map(({ client }) => client.destroy().catch(() => undefined)));
  }

  #open(): Connection {
    const client = new Client(this.#origin, {
      // Only the timer of the request itself may end it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#connectTimeoutMs },
    });
    const connection: Connection = { client, connects: 0 };
    client.on("connect", () => {
      connection.connects += 1;
    });
    this.#all.add(connection);
    return connection;
  }
}
