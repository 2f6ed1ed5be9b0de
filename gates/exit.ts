/** Exit codes: one per cause. No script may exit with a number that is not here. */
export const EXIT = {
  /** All that was asked holds (GO). */
  holds: 0,
  /** Something is proven wrong (NO-GO, a broken contract, a divergence). */
  wrong: 1,
  /** It cannot be told: too little or untrustworthy evidence. */
  unknown: 2,
  /** Bad usage or configuration. */
  usage: 64,
  /** A target cannot be reached or is not ready. */
  unreachable: 69,
  /** Cutover itself failed. */
  bug: 70,
  /** Something on this machine is missing or taken (port, memory, permission). */
  machine: 71,
  /** Evidence cannot be written. */
  evidence: 74,
  /** Interrupted; evidence so far is kept. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a failure tells its reader. Only `what` is needed; say as much of the rest as is known. */
export interface Failure {
  /** One sentence: what went wrong. */
  readonly what: string;
  /** File, configuration path, URL or operation. */
  readonly where?: string | undefined;
  readonly got?: string | undefined;
  readonly wanted?: string | undefined;
  /** What the reader can do now, best as a command. */
  readonly next?: string | undefined;
}

/** The base of every error Cutover throws on purpose. Its text is for people and has no stack. */
export class CutoverError extends Error implements Failure {
  override readonly name: string = "CutoverError";
  readonly exitCode: ExitCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly got: string | undefined;
  readonly wanted: string | undefined;
  readonly next: string | undefined;

  constructor(exitCode: ExitCode, failure: Failure, cause?: unknown) {
    super(renderFailure(failure), cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
    this.what = failure.what;
    this.where = failure.where;
    this.got = failure.got;
    this.wanted = failure.wanted;
    this.next = failure.next;
  }
}

/** Bad usage or configuration: exit 64. */
export class UsageError extends CutoverError {
  override readonly name = "UsageError";
  constructor(failure: Failure, cause?: unknown) {
    super(EXIT.usage, failure, cause);
  }
}

/** A target cannot be reached or is not ready: exit 69. */
export class TargetError extends CutoverError {
  override readonly name = "TargetError";
  constructor(failure: Failure, cause?: unknown) {
    super(EXIT.unreachable, failure, cause);
  }
}

/** Something on this machine is missing or taken: exit 71. */
export class MachineError extends CutoverError {
  override readonly name = "MachineError";
  constructor(failure: Failure, cause?: unknown) {
    super(EXIT.machine, failure, cause);
  }
}

/** Evidence cannot be written: exit 74. */
export class EvidenceError extends CutoverError {
  override readonly name = "EvidenceError";
  constructor(failure: Failure, cause?: unknown) {
    super(EXIT.evidence, failure, cause);
  }
}

/** Evidence is there but cannot be understood, so nothing can be told from it: exit 2. */
export class EvidenceUnreadable extends CutoverError {
  override readonly name = "EvidenceUnreadable";
  constructor(failure: Failure, cause?: unknown) {
    super(EXIT.unknown, failure, cause);
  }
}

/** The user interrupted: exit 130. */
export class Interrupted extends CutoverError {
  override readonly name = "Interrupted";
  constructor(failure: Failure = { what: "Interrupted; the evidence so far is kept." }) {
    super(EXIT.interrupted, failure);
  }
}

/** One clear message of several lines: what, then where, got, wanted and next, each on its own line. */
export function renderFailure(failure: Failure): string {
  const details = [
    ["where", failure.where],
    ["got", failure.got],
    ["wanted", failure.wanted],
    ["next", failure.next],
  ] as const;
  const lines = details
    .filter((detail): detail is readonly [(typeof detail)[0], string] => detail[1] !== undefined)
    .map(([label, text]) => `  ${label.padEnd(7)} ${text.replaceAll("\n", `\n${" ".repeat(10)}`)}`);
  return [failure.what, ...lines].join("\n");
}

/**
 * The text and exit code for anything that was thrown. What is not a `CutoverError` is a bug of Cutover:
 * exit 70, with its stack, because only its developers can do something about it.
 */
export function describeError(error: unknown): { readonly text: string; readonly exitCode: ExitCode } {
  if (error instanceof CutoverError) return { text: error.message, exitCode: error.exitCode };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = renderFailure({
    what: "Cutover itself failed. This is a bug, and nothing was proven about the targets.",
    got: stack,
    next: "Report it with this text, the command and the run folder (secrets are already redacted there).",
  });
  return { text, exitCode: EXIT.bug };
}
