import { describeError, EXIT, type ExitCode, Interrupted, UsageError } from "../../gates/exit.ts";
import { SpecError } from "../../openapi/errors.ts";

/** What a script may ask of its surroundings: when to stop, and who must be told. */
export interface Life {
  /** Aborted on Ctrl-C, SIGTERM, or when the process that started us is gone. */
  readonly signal: AbortSignal;
  /** Closes in reverse order of registration, whatever way the script ends. */
  onExit(close: () => Promise<void> | void): void;
}

/** How long an interrupted script may take to write down what it saw. */
const GRACE_MS = 10_000;

/**
 * Runs one script: maps what it returns or throws to the exit code of its cause, and closes what it opened,
 * also after an interruption. A second Ctrl-C does not wait for that.
 */
export async function main(script: (life: Life) => Promise<ExitCode>): Promise<never> {
  const stop = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  let interruptions = 0;
  const interrupt = (): void => {
    interruptions += 1;
    if (interruptions > 1) process.exit(EXIT.interrupted);
    stop.abort(new Interrupted());
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
  process.on("disconnect", interrupt);
  // A pipe that its reader closed (`| head`) is no bug of ours and nothing to report.
  process.stdout.on("error", ignoreClosedPipe);
  process.stderr.on("error", ignoreClosedPipe);
  let code: ExitCode;
  try {
    code = await Promise.race([
      script({ signal: stop.signal, onExit: (close) => closers.push(close) }),
      new Promise<never>((_, reject) => {
        // The script ends by itself and keeps what it saw; one that cannot is not waited for longer than this.
        stop.signal.addEventListener("abort", () =>
          setTimeout(() => reject(stop.signal.reason), GRACE_MS).unref(),
        );
      }),
    ]);
  } catch (error) {
    code = report(error);
  }
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      const failed = report(error);
      // Failing to close must not turn a verdict into another one, but a clean exit would hide it.
      if (code === EXIT.holds) code = failed;
    }
  }
  process.exit(code);
}

function report(error: unknown): ExitCode {
  // The specs' errors come from a room that imports no other; they carry the same facts.
  const known = error instanceof SpecError ? new UsageError(error, error) : error;
  const { text, exitCode } = describeError(known);
  console.error(`\n${text}`);
  return exitCode;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
