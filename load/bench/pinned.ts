import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Generators on one core, their server on another, where the system lets us say so. */
const SERVER_CORE = "0";
const CLIENT_CORE = "1";
const TICKS_A_SECOND = 100;

function pinned(core: string, command: string, args: readonly string[]): [string, string[]] {
  return process.platform === "linux" ? ["taskset", ["-c", core, command, ...args]] : [command, [...args]];
}

export interface Server {
  readonly url: string;
  /** What came since the last time it was asked. */
  stats(): Promise<{ readonly count: number; readonly spanMs: number }>;
  close(): void;
}

/** Starts the benchmark's server. @param delayMs before each answer */
export async function startServer(delayMs: number): Promise<Server> {
  const script = join(import.meta.dirname, "server.ts");
  const child = spawn(...pinned(SERVER_CORE, process.execPath, [script, String(delayMs)]), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = `http://127.0.0.1:${String((await once(child.stdout as NodeJS.ReadableStream, "data"))[0]).trim()}`;
  return {
    url,
    stats: async () => (await (await fetch(`${url}/stats`)).json()) as { count: number; spanMs: number },
    close: () => void child.kill("SIGKILL"),
  };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processor time of it and all it started. */
  readonly cpuSeconds: number;
}

/** Runs a generator on its core to its end, and adds up the processor time it used. */
export async function runPinned(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Ran> {
  const child = spawn(...pinned(CLIENT_CORE, command, args), {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    signal: options.signal,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const watch = watchCpu(child);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr, cpuSeconds: watch() };
}

/** Looks at /proc now and then, since what a dead process used is told to nobody but its parent. */
function watchCpu(child: ChildProcess): () => number {
  const used = new Map<number, number>();
  const look = (): void => {
    for (const [pid, seconds] of cpuOfTree(child.pid ?? 0)) used.set(pid, seconds);
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return [...used.values()].reduce((sum, one) => sum + one, 0);
  };
}

function cpuOfTree(root: number): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  const seconds = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      parents.set(Number(name), Number(fields[1]));
      seconds.set(Number(name), (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND);
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return new Map([...seconds].filter(([pid]) => isOurs(pid)));
}
