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

const servers = new Set<number>();

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
  servers.add(child.pid ?? 0);
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

/** Processes that have nothing to do with the benchmark took so much of a core at most, since last asked. */
let foreignShare = 0;

/** The most that others took of the two cores during one run since the last call, as a share of one. */
export function disturbance(): number {
  const seen = foreignShare;
  foreignShare = 0;
  return seen;
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
  const [from, busy, known] = [performance.now(), busySeconds(), knownSeconds()];
  const [code] = (await once(child, "close")) as [number | null];
  const cpuSeconds = watch();
  const foreign = busySeconds() - busy - (knownSeconds() - known) - cpuSeconds;
  foreignShare = Math.max(foreignShare, (foreign * 1000) / (performance.now() - from));
  return { code, stdout, stderr, cpuSeconds };
}

/** Processor time that the two cores spent on anything; 0 where the system does not tell. */
function busySeconds(): number {
  if (process.platform !== "linux") return 0;
  const lines = readFileSync("/proc/stat", "latin1").split("\n");
  return [SERVER_CORE, CLIENT_CORE]
    .map(
      (core) =>
        lines
          .find((line) => line.startsWith(`cpu${core} `))
          ?.split(" ")
          .map(Number) ?? [],
    )
    .reduce((sum, [, user = 0, nice = 0, system = 0]) => sum + (user + nice + system) / TICKS_A_SECOND, 0);
}

/** Processor time of the benchmark itself and its servers. */
function knownSeconds(): number {
  const { user, system } = process.cpuUsage();
  const own = [...servers].flatMap((pid) => [...cpuOfTree(pid).values()]);
  return own.reduce((sum, one) => sum + one, (user + system) / 1e6);
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
