import { fork } from "node:child_process";
import { join } from "node:path";
import { CutoverError, EXIT, Interrupted } from "../../gates/exit.ts";
import type { Job, Verified } from "./job.ts";

/** Verifies one target; see `verifyJobs`. */
export async function verifyTarget(job: Job, signal?: AbortSignal): Promise<readonly Verified[]> {
  const [results = []] = await verifyJobs([job], signal);
  return results;
}

/**
 * Verifies targets one after another in a process of its own. What Pact prints is kept back: the results tell all of it.
 * @returns what became of each expectation of each job, in their order
 * @throws CutoverError (exit 70) when the process ends without an answer, with what it printed last
 */
export function verifyJobs(
  jobs: readonly Job[],
  signal?: AbortSignal,
): Promise<readonly (readonly Verified[])[]> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "worker.ts"), {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, PACT_DO_NOT_TRACK: "true", NO_COLOR: "1" },
      execArgv: ["--disable-warning=DEP0060", "--disable-warning=ExperimentalWarning"],
    });
    let said = "";
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    let answer: { readonly results?: readonly (readonly Verified[])[]; readonly error?: string } = {};
    child.on("message", (message) => {
      answer = message as typeof answer;
    });
    const stop = (): boolean => child.kill("SIGTERM");
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) return reject(new Interrupted());
      if (answer.results !== undefined)
        return resolve(answer.results.map((own) => own.toSorted((a, b) => a.index - b.index)));
      reject(
        new CutoverError(EXIT.bug, {
          what: `Pact could not verify ${jobs.map(({ target }) => target.name).join(", ")}.`,
          where: jobs[0]?.target.url,
          got: answer.error ?? `exit code ${code}\n${said.trim().split("\n").slice(-20).join("\n")}`,
          wanted: "a result for each interaction",
        }),
      );
    });
    child.send(jobs as Job[], (error) => {
      if (error !== null) reject(error);
    });
  });
}
