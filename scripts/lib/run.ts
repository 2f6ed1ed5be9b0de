import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { $ } from "zx";

/** The root of the repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the child and what it started when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a JavaScript entry point of a dependency, or one of our own, under this very Node; its output is shown.
 * Resolves to its exit code; a death by signal counts as 128 + 15.
 */
export async function runNode(
  script: string,
  args: readonly string[],
  { env = {}, signal }: RunOptions = {},
): Promise<number> {
  const run = $({
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
    nothrow: true,
    ...(signal && { signal }),
  });
  const { exitCode } = await run`${process.execPath} ${join(root, script)} ${args}`;
  return exitCode ?? 143;
}

/** The standard output of a command without its last line break; `undefined` when it fails or is not there. */
export async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await $({ cwd: root, nothrow: true, quiet: true })`${command} ${args}`;
  return exitCode === 0 ? stdout.trim() : undefined;
}
