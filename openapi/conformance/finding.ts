/** What of a reply breaks its operation. */
export type FindingKind = "status" | "content-type" | "header" | "json" | "body" | "not-empty";

/** One breach of the documents by a reply. */
export interface Finding {
  readonly operation: string;
  readonly status: number;
  readonly kind: FindingKind;
  /** JSON Pointer into the body, or `header <name>`; empty for the reply as a whole. */
  readonly pointer: string;
  readonly got: string;
  readonly wanted: string;
  /** All of it in one line. */
  readonly message: string;
}

export interface FindingParts {
  readonly kind: FindingKind;
  readonly pointer: string;
  readonly got: string;
  readonly wanted: string;
}

export function finding(operation: string, status: number, parts: FindingParts): Finding {
  const at = parts.pointer === "" ? "" : ` ${parts.pointer}`;
  const message = `${operation} ${status} ${parts.kind}${at}: got ${parts.got}, wanted ${parts.wanted}`;
  return { operation, status, ...parts, message };
}

const LONGEST = 120;

/** A value as it stands in a message: JSON, cut. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
}
