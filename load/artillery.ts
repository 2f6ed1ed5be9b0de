import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { CutoverError, EXIT, type ExitCode, Interrupted } from "../gates/exit.ts";
import { longestMs } from "./plan.ts";
import { decoder, encode, type FromEngine, ORDERED, type Order, PIPE, type Summary } from "./protocol.ts";

const ENGINES = join(import.meta.dirname, "engine");
const ARTILLERY = join(dirname(createRequire(import.meta.url).resolve("artillery/package.json")), "bin/run");

/** One virtual user, who is the engine; given on the first worker alone, so that Artillery starts no other. */
const overrides = JSON.stringify({ config: { phases: [{ duration: 1, arrivalCount: 1 }] } });

/** After a call to stop, the child has so long to write what it saw. */
const STOP_MS = 5_000;
/** From the start of the process until the engine has made ready. */
const START_MS = 60_000;

export interface LaunchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Extract<FromEngine, { kind: "progress" }>) => void;
  /** Asked when the engine is ready. Resolves to when it begins, by the machine's clock. */
  readonly onReady: () => Promise<number>;
}

/**
 * Runs Artillery with our engine as a child process that dies with this one, and waits for its summaries.
 * @throws the engine's failure; a CutoverError (exit 70) when Artillery ends without one
 */
export async function launchArtillery(
  file: string,
  order: Order,
  { signal, onProgress, onReady }: LaunchOptions,
): Promise<readonly Summary[]> {
  const args = ["run", file, "--quiet", "--target", "http://in.the.order", "--overrides", overrides];
  const child = spawn(process.execPath, [ARTILLERY, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A group of its own: a Ctrl-C is for us, and we end it in order.
    detached: true,
    env: { ...process.env, NODE_PATH: ENGINES, [ORDERED]: "1", ARTILLERY_DISABLE_TELEMETRY: "1" },
  });
  const pipe = child.stdio[PIPE] as Socket;
  const said = lastWords(child);
  let killedFor: string | undefined;
  const killAfter = (ms: number, why: string): NodeJS.Timeout =>
    setTimeout(() => {
      killedFor = why;
      child.kill("SIGKILL");
    }, ms);
  const timers = [
    killAfter(START_MS, `it did not start within ${START_MS / 1000} s`),
    killAfter(START_MS + longestMs(order) + STOP_MS, "it did not end in time"),
  ];
  const stop = (): void => {
    pipe.write(encode({ kind: "stop" }));
    timers.push(killAfter(STOP_MS, "it did not stop when told to"));
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<readonly Summary[]>((resolve, reject) => {
      const decode = decoder<FromEngine>();
      pipe.setEncoding("utf8");
      pipe.on("data", (chunk: string) => {
        clearTimeout(timers[0]);
        for (const message of decode(chunk)) {
          if (message.kind === "progress") onProgress(message);
          else if (message.kind === "ready") {
            onReady().then((atMs) => pipe.write(encode({ kind: "go", atMs })), reject);
          } else if (message.kind === "done") resolve(message.summaries);
          else if (message.exitCode === EXIT.interrupted) reject(new Interrupted());
          else reject(new CutoverError(message.exitCode as ExitCode, message.failure));
        }
      });
      // Writing to a child that is gone fails; that it is gone is what counts, and `close` tells.
      pipe.on("error", () => undefined);
      child.on("error", reject);
      child.on("close", (code, killed) =>
        reject(artilleryFailed(killedFor ?? killed ?? `exit code ${code}`, said())),
      );
      pipe.write(encode(order));
      if (signal.aborted) stop();
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    // It has said all it has to say; Artillery itself would take three more seconds to notice.
    child.kill("SIGKILL");
  }
}

/** Collects the end of what a child prints. */
function lastWords(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
      text = (text + chunk).slice(-2000);
    });
  }
  return () => text.trim();
}

function artilleryFailed(how: string, said: string): CutoverError {
  return new CutoverError(EXIT.bug, {
    what: "Artillery ended before the load was done.",
    got: `${how}${said === "" ? "" : `; it said:\n${said}`}`,
    next: "If nobody ended it, report this with the command and the run folder.",
  });
}
