import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Postgres, startPostgres } from "./postgres/cluster.ts";

export { PostgresFailed } from "./postgres/failure.ts";

export interface MonolithOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** A database to use; without it an embedded PostgreSQL is started and removed with the monolith. */
  readonly databaseUrl?: string;
  /** More environment variables for the server process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long starting may take; 30 s unless told. */
  readonly deadlineMs?: number;
}

/** A running monolith. */
export interface Monolith {
  readonly url: string;
  readonly version: string;
  readonly databaseUrl: string;
  /** Of the server process. */
  readonly pid: number;
  /** Ends the server and the PostgreSQL that was started for it; may be called twice. */
  close(): Promise<void>;
}

/** The wanted port is in use. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly code = "PORT_TAKEN";
}

/** The server process ended before it was ready, or was not ready in time. */
export class ServerFailed extends Error {
  override readonly name = "ServerFailed";
  readonly code = "SERVER_FAILED";
}

/**
 * Starts the monolith as a process of its own and waits until it serves. It ends with this process, however
 * this process ends.
 *
 * @throws PostgresFailed, PortTaken or ServerFailed
 */
export async function startMonolith(options: MonolithOptions = {}): Promise<Monolith> {
  const { port = 0, env = {}, deadlineMs = 30_000 } = options;
  const postgres = options.databaseUrl === undefined ? await startPostgres({ deadlineMs }) : undefined;
  const databaseUrl = options.databaseUrl ?? postgres?.url ?? "";
  const server = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
    env: {
      ...process.env,
      HOST: "127.0.0.1",
      ALLOW_LOOPBACK_WEBHOOKS: "true",
      ...env,
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      EXIT_WITH_STDIN: "1",
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const close = () => closeBoth(server, postgres);
  try {
    const url = await readyUrl(server, port, deadlineMs);
    const health = (await (await fetch(`${url}/health`)).json()) as { version: string };
    return { url, version: health.version, databaseUrl, pid: server.pid ?? 0, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readyUrl(server: ChildProcess, port: number, deadlineMs: number): Promise<string> {
  let words = "";
  server.stderr?.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-8192);
    if (url !== undefined) process.stderr.write(chunk); // once it serves, its log is ours
  });
  server.stdin?.on("error", () => undefined); // the pipe breaks when the server ends first
  let url: string | undefined;
  const ready = new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("close", (code, signal) =>
      reject(
        words.includes("EADDRINUSE")
          ? new PortTaken(`port ${port} is in use by another program`)
          : new ServerFailed(`the monolith ended with ${signal ?? `status ${code}`}\n${words.trim()}`),
      ),
    );
    if (server.stdout === null) return;
    createInterface({ input: server.stdout }).on("line", (line) => {
      const said = readLine(line);
      if (said?.ready === true && said.url !== undefined) resolve(said.url);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ServerFailed(`the monolith was not ready in ${deadlineMs} ms\n${words.trim()}`)),
      deadlineMs,
    );
  });
  try {
    url = await Promise.race([ready, late]);
    return url;
  } finally {
    clearTimeout(timer);
    ready.catch(() => undefined); // ending later is no failure to start
  }
}

function readLine(line: string): { ready?: boolean; url?: string } | undefined {
  try {
    return JSON.parse(line) as { ready?: boolean; url?: string };
  } catch {
    return undefined;
  }
}

/** How long the server may take to end by itself. */
const patienceMs = 3000;

async function closeBoth(server: ChildProcess, postgres: Postgres | undefined): Promise<void> {
  if (server.exitCode === null && server.signalCode === null && server.pid !== undefined) {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    const timer = setTimeout(() => server.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
  }
  await postgres?.stop();
}
