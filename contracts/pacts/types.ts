/** What of a pact file (specification 4) is used here. */

export interface ProviderState {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Matcher {
  readonly match: string;
  readonly regex?: string;
  readonly min?: number;
}

/** Path (`$.items[*].total`, a header's name) → its rules. For a path or status there is no name in between. */
export type Rules = Readonly<Record<string, { readonly matchers: readonly Matcher[] }>>;

export interface Contents {
  readonly content: unknown;
  readonly contentType?: string;
  readonly encoded?: boolean | string;
}

export interface HttpInteraction {
  readonly type: "Synchronous/HTTP";
  readonly description: string;
  readonly pending?: boolean;
  readonly providerStates?: readonly ProviderState[];
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, readonly string[]>>;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly body?: Contents;
    readonly generators?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly body?: Contents;
    readonly matchingRules?: { readonly body?: Rules; readonly header?: Rules };
  };
}

export interface MessageInteraction {
  readonly type: "Asynchronous/Messages";
  readonly description: string;
  readonly pending?: boolean;
  readonly providerStates?: readonly ProviderState[];
  readonly contents: Contents;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly matchingRules?: { readonly body?: Rules; readonly metadata?: Rules };
}

export type PactInteraction = HttpInteraction | MessageInteraction;

/** One interaction, with all that identifies it. */
export interface Expectation {
  /** The consumer's name. */
  readonly consumer: string;
  /** The consumer's version, where a broker tells it. */
  readonly version?: string;
  /** A broker holds the pact as pending: a failure is shown and counts for nothing. */
  readonly pending: boolean;
  readonly interaction: PactInteraction;
}

/** A pact as it was read. */
export interface Pact {
  readonly consumer: string;
  readonly provider: string;
  readonly interactions: readonly PactInteraction[];
  /** File or URL. */
  readonly source: string;
  readonly version?: string;
  readonly pending: boolean;
  /** The document itself. */
  readonly document: Readonly<Record<string, unknown>>;
}
