import { Client } from "undici";

/** A connection to the target, or the place for one: it connects when it is first needed, and again when lost. */
export interface Connection {
  readonly client: Client;
  /** How often it had to connect so far. */
  connects: number;
}

/**
 * As many connections to one origin as requests are under way at once. The one used last is used next, so that few
 * stay busy and the rest can be closed by the target. undici's own pool would look through all of them for each
 * request, which at thousands of requests a second is the generator's own queue.
 */
export class Connections {
  readonly #origin: string;
  readonly #connectTimeoutMs: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();

  constructor(origin: string, connectTimeoutMs: number) {
    this.#origin = origin;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  get size(): number {
    return this.#all.size;
  }

  take(): Connection {
    return this.#idle.pop() ?? this.#open();
  }

  /** Gives back a connection whose request has ended. */
  release(connection: Connection): void {
    if (this.#all.has(connection)) this.#idle.push(connection);
  }

  /** Gives up a connection whose request has not ended: nobody waits for it any more. */
  drop(connection: Connection): void {
    this.#all.delete(connection);
    void connection.client.destroy().catch(() => undefined);
  }

  async destroy(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
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
