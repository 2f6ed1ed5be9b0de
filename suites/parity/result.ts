import type { Step } from "./engine/step.ts";

/** Who breaks the contract where the two differ. */
export type FindingClass =
  /** Only the candidate breaks it. */
  | "regression"
  /** Only the baseline breaks it. */
  | "improvement"
  /** Both break it, each in its own way. */
  | "legacy quirk"
  /** Both keep it, and yet they differ: nobody else can see this. */
  | "silent break";

/** What differs. */
export type DifferenceKind =
  | "status"
  | "content-type"
  | "header"
  | "presence"
  | "type"
  | "value"
  | "reference"
  | "instant"
  | "order"
  | "items"
  | "body"
  | "no-answer";

/** One difference at one place. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** JSON Pointer into the body with `*` for any item, or `header <name>`, or "" for the reply as a whole. */
  readonly path: string;
  readonly baseline: string;
  readonly candidate: string;
}

/** One request as it was sent to one side, and what came back. Credentials are masked. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly reply: string;
}

/** One step of a reproduction, on both sides. */
export interface ShownStep {
  readonly operation: string;
  /** Sent at the same moment as the step before it. */
  readonly together: boolean;
  /** Only there to make the others possible: opening, creating what is needed. */
  readonly setUp: boolean;
  readonly baseline: Exchange;
  readonly candidate: Exchange;
}

/** One root cause. */
export interface Finding {
  /** Stable for the same difference: made of operation, kind and path. */
  readonly id: string;
  /** One sentence a person understands. */
  readonly title: string;
  readonly class: FindingClass;
  readonly operation: string;
  readonly kind: DifferenceKind;
  readonly path: string;
  /** Every differing place in the last reply of the shortest sequence. */
  readonly differences: readonly Difference[];
  /** Other places that differ for the same reason. */
  readonly alsoAt: readonly {
    readonly operation: string;
    readonly kind: DifferenceKind;
    readonly path: string;
  }[];
  /** The shortest sequence found; the last step shows the difference. */
  readonly steps: readonly ShownStep[];
  /** The same sequence with symbols in place of what the targets issue: runs anywhere. */
  readonly template: readonly Step[];
  /** Requests beyond set-up. */
  readonly requests: number;
  /** In how many sequences it was seen, of those that could have shown it. */
  readonly seenIn: number;
  readonly sequences: number;
  /** How often the shortest sequence showed it again on fresh accounts, of how many times. */
  readonly confirmed: number;
  readonly tries: number;
  /** Milliseconds from the beginning of the exploration to its first sight. */
  readonly firstSeenMs: number;
}

export interface ParityCounts {
  /** Sequences run to their end, shrinking apart. */
  readonly sequences: number;
  /** Of these drawn independently of each other and of coverage: they carry the bound. */
  readonly independent: number;
  /** Requests answered by both sides, shrinking apart. */
  readonly pairs: number;
  /** Sequences given up, by reason. */
  readonly inconclusive: Readonly<Record<string, number>>;
  /** Of `ms`: finding out how each operation succeeds, before the first sequence. */
  readonly scoutingMs: number;
  readonly ms: number;
}
