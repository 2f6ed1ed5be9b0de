import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./supervisor-process.mjs", import.meta.url));

/** Ends registered processes and removes registered folders when this process dies, SIGKILL included. */
export interface Supervisor {
  /** The supervising process. */
  readonly pid: number;
  /** Ends `pid`, and its process group if it leads one, when this process dies. */
  watch(pid: number): void;
  /** Call when `pid` has ended: the system gives its number to others. */
  release(pid: number): void;
  watchFolder(path: string): void;
  releaseFolder(path: string): void;
  /** Ends all that is still registered now, as if this process had died. Resolves when that is done. */
  close(): Promise<void>;
}

/**
 * Starts a supervising process that holds one end of a pipe. The system closes our end when we die, whatever the
 * reason, so nothing has to be polled and no handler has to run in the dying process. Throws when the system lets
 * no further process start.
 */
export function superviseChildren(pids: readonly number[] = []): Supervisor {
  // A session of its own: a signal to our process group must not reach it.
  const child = spawn(process.execPath, ["--max-old-space-size=16", program], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
    cwd: "/",
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  if (child.pid === undefined) throw new Error("the supervising process cannot be started");
  // It must not keep our event loop alive; we only talk to it.
  child.unref();
  child.stdin.on("error", () => {});
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  const tell = (message: object): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  for (const pid of pids) tell({ watch: pid });
  return {
    pid: child.pid,
    watch: (pid) => tell({ watch: pid }),
    release: (pid) => tell({ release: pid }),
    watchFolder: (path) => tell({ watchFolder: path }),
    releaseFolder: (path) => tell({ releaseFolder: path }),
    close: async () => {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
