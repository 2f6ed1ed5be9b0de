import { jsonOf, mapJson, type Received, type Sent } from "./exchange.ts";

/** Whose key a key is, and whose an id: what a defect needs to know to give someone what is another's. */
export class Owners {
  /** Any key → the key of an owner of its account. */
  readonly #ownerKeys = new Map<string, string>();
  /** Any id → the key of an owner of its account. */
  readonly #ownersOfIds = new Map<string, string>();
  lastOwnerKey: string | undefined;

  /** Takes in one exchange of any operation; answers with the owner's key of the account that it was for. */
  take(sent: Sent, received: Received): string | undefined {
    const body = jsonOf(received) as { readonly apiKey?: string } | undefined;
    const asked = ownKey(sent);
    if (typeof body?.apiKey === "string") {
      const owner = asked === undefined ? body.apiKey : (this.#ownerKeys.get(asked) ?? asked);
      this.#ownerKeys.set(body.apiKey, owner);
      if (asked === undefined) this.lastOwnerKey = body.apiKey;
    }
    const owner = this.ownerKeyOf(asked) ?? body?.apiKey;
    if (owner === undefined) return undefined;
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
    return owner;
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
}

/** The API key that a request carries. */
export function ownKey(sent: Sent): string | undefined {
  return /^bearer +(.+)$/i.exec(sent.headers.authorization ?? "")?.[1];
}

export function pathOf(sent: Sent): string {
  return sent.url.split("?")[0] ?? "";
}
