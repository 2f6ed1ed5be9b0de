/** One rule that a document breaks. */
export interface LintFinding {
  readonly rule: string;
  /** File and JSON Pointer. */
  readonly where: string;
  readonly message: string;
}
