/**
 * The small file a user writes about an API: how to get an isolated account on a target, and how requests are
 * authenticated. All else comes from the OpenAPI documents.
 */
export interface UserFile {
  /**
   * Opens a new account: an isolated world with nothing in it but what this function puts there. Called for each
   * sequence, on each target, and twice on the baseline. A target without accounts may answer with the same
   * credentials each time; then sequences see each other's data and only what they created is compared.
   * @throws anything: the sequence is given up as inconclusive
   */
  openAccount(target: TargetAccess): Promise<Account>;
  /** Further credentials that replies hand out, such as the key of an invited member. */
  readonly credentials?: readonly IssuedCredentials[];
  /** Operations that are never called, each with the reason: those that cost money, or reach other systems. */
  readonly omit?: Readonly<Record<string, string>>;
  /**
   * Values for members and parameters of this name, where the documents do not tell any that work: such as the
   * tokens of a test card, or an address that calls nobody. They are sent instead of what the schema gives.
   */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
  /** How long to wait at most until an asynchronous operation comes to rest. Default 20,000 ms. */
  readonly settleMs?: number;
}

/** A target, as the user file sees it. */
export interface TargetAccess {
  readonly name: string;
  readonly role: "baseline" | "candidate";
  readonly url: string;
  /** Digits that differ for each account: make names unique with them (they are the same length each time). */
  readonly nonce: string;
  /** Sends one request to the target. Never throws for a status. @throws when there is no answer */
  request(request: SetUpRequest): Promise<SetUpReply>;
}

export interface SetUpRequest {
  readonly method: string;
  /** Behind the target's URL, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
}

export interface SetUpReply {
  readonly status: number;
  /** Lower-case names; several `set-cookie` are joined by line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, read; otherwise the text. */
  readonly body: unknown;
}

/** What a request of this account needs. */
export interface Account {
  /**
   * Sent with every request of operations that need credentials:
   * `{ authorization: "Bearer …" }`, `{ "x-api-key": "…" }`, `{ authorization: "Basic …" }`, `{ cookie: "sid=…" }`.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** For an API key that travels in the query. */
  readonly query?: Readonly<Record<string, string>>;
  /**
   * Values the target issued while the account was opened, by the name of the parameter that takes them, such as
   * `{ accountId: "acc_1" }`. Bound to a symbol: the same thing on every side, whatever its value.
   */
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Credentials inside a reply: which operation issues them, where, and how they are sent. */
export interface IssuedCredentials {
  readonly operation: string;
  /** JSON Pointer into the body of its 2xx reply. */
  readonly pointer: string;
  headers(value: string): Readonly<Record<string, string>>;
}

/** Types a user file, as `defineConfig` does a configuration: `export default defineUserFile({ … })`. */
export function defineUserFile(file: UserFile): UserFile {
  return file;
}
