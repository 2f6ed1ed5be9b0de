import { jsonOf, mapJson, type Received, type Sent } from "./exchange.ts";

/** What a defective target would know: whose keys there are, who owns what, and what was answered before. */
export class Memory {
  /** Any key → the key of an owner of its account. */
  readonly #ownerKeys = new Map<string, string>();
  /** Any id → the key of an owner of its account. */
  readonly #ownersOfIds = new Map<string, string>();
  /** The last successful answer of the operation, by path and in all. */
  readonly #successes = new Map<string, Received>();
  /** How many writes each account has made. */
  readonly #writes = new Map<string, number>();
  lastOwnerKey: string | undefined;

  /** Takes in one exchange of any operation. */
  observe(sent: Sent, received: Received, isOfDefect: boolean): void {
    if (received.status >= 300) return;
    const body = jsonOf(received) as { readonly apiKey?: string } | undefined;
    const asked = ownKey(sent);
    if (typeof body?.apiKey === "string") {
      const owner = asked === undefined ? body.apiKey : (this.#ownerKeys.get(asked) ?? asked);
      this.#ownerKeys.set(body.apiKey, asked === undefined ? body.apiKey : owner);
      if (asked === undefined) this.lastOwnerKey = body.apiKey;
    }
    const owner = this.ownerKeyOf(asked) ?? body?.apiKey;
    if (owner !== undefined) {
      mapJson(body, (leaf) => {
        if (
          typeof leaf === "string" &&
          /^[a-z]{3,4}_[A-Za-z0-9]+$/.test(leaf) &&
          !this.#ownersOfIds.has(leaf)
        ) {
          this.#ownersOfIds.set(leaf, owner);
        }
        return leaf;
      });
    }
    if (sent.method !== "GET" && owner !== undefined) this.#writes.set(owner, this.writesOf(asked) + 1);
    if (isOfDefect) {
      this.#successes.set(pathOf(sent), received);
      this.#successes.set("", received);
    }
  }

  ownerKeyOf(key: string | undefined): string | undefined {
    return key === undefined ? undefined : (this.#ownerKeys.get(key) ?? key);
  }

  /** An owner's key of the account that has the resource which the path names. */
  ownerOfPath(sent: Sent): string | undefined {
    return pathOf(sent)
      .split("/")
      .map((step) => this.#ownersOfIds.get(step))
      .find((key) => key !== undefined);
  }

  /** How the operation answered when it last succeeded, best on the same resource. */
  successLike(sent: Sent): Received | undefined {
    return this.#successes.get(pathOf(sent)) ?? this.#successes.get("");
  }

  writesOf(key: string | undefined): number {
    return this.#writes.get(this.ownerKeyOf(key) ?? "") ?? 0;
  }
}

/** The API key that a request carries. */
export function ownKey(sent: Sent): string | undefined {
  return /^bearer +(.+)$/i.exec(sent.headers.authorization ?? "")?.[1];
}

function pathOf(sent: Sent): string {
  return sent.url.split("?")[0] ?? "";
}
