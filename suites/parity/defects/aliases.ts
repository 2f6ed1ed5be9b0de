import { mapJson, type Received, withJson } from "../../proxy/exchange.ts";
import { bodyOf, type Call, type Handler, rewritten, succeeded } from "./call.ts";

/**
 * Makes the sound target store what it would refuse as a duplicate: under another name, which never shows in an
 * answer. The target then behaves as one that does not look for duplicates.
 */
export class Aliases {
  /** Alias → what was sent. */
  readonly #sent = new Map<string, string>();

  /** Sends the request again with an alias in the member; undefined when even that is refused. */
  async force(call: Call, member: string, alias: string): Promise<Received | undefined> {
    this.#sent.set(alias, call.body[member]);
    const received = await call.forward(rewritten(call, (body) => ({ ...body, [member]: alias })));
    return succeeded(received) ? this.#hide(received) : undefined;
  }

  /** For every operation that may show one. */
  readonly hide: Handler = async (call) => this.#hide(await call.forward());

  #hide(received: Received): Received {
    const body = this.#sent.size === 0 ? undefined : bodyOf(received);
    if (body === undefined) return received;
    return withJson(
      received,
      mapJson(body, (leaf) => (typeof leaf === "string" ? (this.#sent.get(leaf) ?? leaf) : leaf)),
    );
  }
}
