/**
 * What a defect does to the traffic of one operation. Every fault is applied between the client and a sound
 * target, so that the target needs no switch for being wrong. A `pointer` is a JSON Pointer into the reply's
 * body in which `*` stands for every item of an array.
 */
export type Fault =
  | { readonly kind: "drop-property"; readonly pointer: string }
  | { readonly kind: "null-property"; readonly pointer: string }
  | { readonly kind: "extra-property"; readonly pointer: string }
  /** Puts another value of the same type, valid by the schema, in place of the right one. */
  | {
      readonly kind: "other-value";
      readonly pointer: string;
      readonly as: ValueKind;
      readonly values?: readonly string[];
    }
  | { readonly kind: "lose-header"; readonly header: string }
  | { readonly kind: "change-status"; readonly from: number; readonly to: number }
  | { readonly kind: "reverse-items" }
  | { readonly kind: "skip-last-item" }
  | { readonly kind: "repeat-item" }
  | { readonly kind: "end-early" }
  | { readonly kind: "ignore-query"; readonly parameter: string }
  /** Moves a time in the query, so that a half-open range becomes closed, or open. */
  | { readonly kind: "shift-query-time"; readonly parameter: string; readonly ms: number }
  /** Each request is new to the target, whatever its Idempotency-Key. */
  | { readonly kind: "forget-idempotency-key" }
  /** A key used again answers as the first did, whatever the request. */
  | { readonly kind: "replay-any-body" }
  | { readonly kind: "lose-replay-marker" }
  /** A resource can be reached with any account's key. */
  | { readonly kind: "foreign-access" }
  | { readonly kind: "ignore-missing-key" }
  | { readonly kind: "ignore-scope" }
  | { readonly kind: "ignore-stale-etag" }
  | { readonly kind: "ignore-missing-etag" }
  | { readonly kind: "constant-etag" }
  | { readonly kind: "weak-etag" }
  | { readonly kind: "fresh-etag" }
  /** Where the state forbids it, answers as if it had happened. */
  | { readonly kind: "allow-conflict" }
  /** Where the body is not valid at this place, answers as if it were. */
  | { readonly kind: "allow-invalid"; readonly pointer: string }
  | { readonly kind: "allow-media-type" }
  | { readonly kind: "trim-strings" }
  | { readonly kind: "ignore-null" }
  | { readonly kind: "half-up" }
  | { readonly kind: "problem-type"; readonly status: number }
  | { readonly kind: "problem-pointer" }
  | { readonly kind: "first-error-only" }
  | { readonly kind: "problem-media-type"; readonly status: number }
  /** The first read after a write answers as before it. */
  | { readonly kind: "stale-read" }
  /** A read never changes its answer again. */
  | { readonly kind: "frozen-read" }
  /** Acknowledged, but never done. */
  | { readonly kind: "ignore-delete" }
  /** Done twice. */
  | { readonly kind: "double-effect" };

/** What a property holds, which decides the wrong value that it gets. */
export type ValueKind = "enum" | "money" | "count" | "decimal" | "time" | "flag" | "text" | "id";

/** The promise that a defect breaks; the catalogue has some of each wherever a context has the promise. */
export type Convention =
  | "property"
  | "enum"
  | "header"
  | "status"
  | "money"
  | "order"
  | "page"
  | "filter"
  | "idempotency"
  | "tenancy"
  | "authorization"
  | "etag"
  | "state"
  | "time"
  | "validation"
  | "problem"
  | "freshness"
  | "text";

/** One way in which a target may be wrong. */
export interface Defect {
  /** `D001` and on, in the catalogue's order. */
  readonly id: string;
  readonly context: string;
  readonly convention: Convention;
  /** The operation whose traffic is changed. */
  readonly operation: string;
  readonly fault: Fault;
}
