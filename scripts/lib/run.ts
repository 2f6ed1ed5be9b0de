import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the child (SIGTERM) when aborted. */
  readonly signal?: AbortSignal;
  /** `inherit` shows the child's output; `stderr` shows it on our standard error, to keep ours for data. */
  readonly output?: "inherit" | "stderr";
}

/**
 * Runs a JavaScript entry point of a dependency, or one of our own, under this very Node.
 * Resolves to its exit code; a death by signal counts as 128 + 15.
 */
export function runNode(script: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  const shown = options.output === "stderr" ? 2 : "inherit";
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: ["ignore", shown, "inherit"],
      env: { ...process.env, ...options.env },
    });
    const stop = (): boolean => child.kill("SIGTERM");
    options.signal?.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("exit", (code) => {
      options.signal?.removeEventListener("abort", stop);
      resolve(code ?? 143);
    });
  });
}
