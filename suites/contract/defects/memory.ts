import type { Received, Sent } from "../../proxy/exchange.ts";
import { Owners, ownKey, pathOf } from "../../proxy/owners.ts";

/** What a defective target would know: whose keys there are, who owns what, and what was answered before. */
export class Memory extends Owners {
  /** The last successful answer of the operation, by path and in all. */
  readonly #successes = new Map<string, Received>();
  /** How many writes each account has made. */
  readonly #writes = new Map<string, number>();

  /** Takes in one exchange of any operation. */
  observe(sent: Sent, received: Received, isOfDefect: boolean): void {
    if (received.status >= 300) return;
    const owner = this.take(sent, received);
    if (sent.method !== "GET" && owner !== undefined)
      this.#writes.set(owner, this.writesOf(ownKey(sent)) + 1);
    if (isOfDefect) {
      this.#successes.set(pathOf(sent), received);
      this.#successes.set("", received);
    }
  }

  /** How the operation answered when it last succeeded, best on the same resource. */
  successLike(sent: Sent): Received | undefined {
    return this.#successes.get(pathOf(sent)) ?? this.#successes.get("");
  }

  writesOf(key: string | undefined): number {
    return this.#writes.get(this.ownerKeyOf(key) ?? "") ?? 0;
  }
}
