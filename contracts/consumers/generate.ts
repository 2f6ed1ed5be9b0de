import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CutoverError, EXIT, Interrupted } from "../../gates/exit.ts";

/**
 * Runs the consumers' tests; each consumer that is content writes its pact into `dir`. The folder is emptied first:
 * Pact merges into what is there, and an interaction that no test has any more would stay.
 * @param suite the folder of their vitest.config.ts
 * @throws CutoverError (exit 1) when a test fails: its consumer does not work with what it says it relies on
 */
export async function generatePacts(
  dir: string,
  signal?: AbortSignal,
  suite: string = import.meta.dirname,
): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const args = [vitest, "run", "--config", join(suite, "vitest.config.ts")];
  const env = {
    ...process.env,
    CUTOVER_PACT_DIR: dir,
    PACT_DO_NOT_TRACK: "true",
    NO_COLOR: "1",
    VITEST: undefined,
  };
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: suite, env, ...(signal && { signal }), maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ failed: error !== null, output: stdout + stderr }),
    );
  });
  if (signal?.aborted) throw new Interrupted();
  if (!failed) return;
  throw new CutoverError(EXIT.wrong, {
    what: "The consumers' own tests fail, so there are no pacts to verify.",
    where: suite,
    got: output.trim().split("\n").slice(-60).join("\n"),
    wanted: "every consumer works with what its pact says",
    next: "Mend the consumer or its expectation in contracts/consumers/.",
  });
}
