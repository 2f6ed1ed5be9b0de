import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { PostgresFailed } from "./failure.ts";
import { installRuntime, sharedTemporaryFolder } from "./runtime.ts";

/** A PostgreSQL server of our own, on a unix socket, with data that does not outlive it. */
export interface Postgres {
  /** Connection string for `pg`, password included. */
  readonly url: string;
  /** Folder of data and socket; removed when the server ends. */
  readonly folder: string;
  /** Stops the server and removes its data; may be called twice. */
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; this is `nobody` wherever it runs. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
/** Only names the socket: there is no TCP listener. */
const socketPort = "5432";

/**
 * Starts PostgreSQL and waits until it answers.
 *
 * A supervising shell stops it and removes its folder when this process ends, however it ends.
 *
 * @throws PostgresFailed with the server's last words
 */
export async function startPostgres(options: { deadlineMs?: number } = {}): Promise<Postgres> {
  const { deadlineMs = 30_000 } = options;
  const deadline = Date.now() + deadlineMs;
  const bin = await installRuntime();
  const script = await readFile(new URL("supervise.sh", import.meta.url), "utf8");
  const folder = await mkdtemp(join(await sharedTemporaryFolder(), "cutover-data-"));
  const password = randomBytes(18).toString("base64url");
  const url = `postgresql://app:${password}@localhost:${socketPort}/postgres?host=${encodeURIComponent(folder)}`;
  try {
    await writeFile(join(folder, "password"), password, { mode: 0o600 });
    if (unprivileged.uid !== undefined) {
      await chown(join(folder, "password"), unprivileged.uid, unprivileged.gid);
      await chown(folder, unprivileged.uid, unprivileged.gid);
    }
    const supervisor = spawn("/bin/sh", ["-c", script, "supervise", folder, bin, socketPort], {
      ...unprivileged,
      cwd: folder,
      detached: true,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
      stdio: ["pipe", "ignore", "pipe"],
    });
    const ended = new Promise<void>((resolve) => {
      supervisor.once("exit", () => resolve());
      supervisor.once("error", () => resolve());
    });
    const stop = async () => {
      supervisor.stdin?.destroy();
      await ended;
    };
    try {
      await untilReady(supervisor, url, deadline);
    } catch (error) {
      await stop();
      throw error;
    }
    return { url, folder, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function untilReady(supervisor: ChildProcess, url: string, deadline: number): Promise<void> {
  let words = "";
  let end: string | undefined;
  supervisor.stderr?.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4096);
  });
  supervisor.once("error", (error) => {
    end = String(error);
  });
  supervisor.once("exit", (code, signal) => {
    end = `it ended with ${signal ?? `status ${code}`}`;
  });
  supervisor.stdin?.on("error", () => undefined); // the pipe breaks when the supervisor ends first
  while (Date.now() < deadline) {
    if (end !== undefined) throw new PostgresFailed(`PostgreSQL did not start: ${end}\n${words.trim()}`);
    if (await answers(url)) return;
    await sleep(20);
  }
  throw new PostgresFailed(`PostgreSQL did not answer in time\n${words.trim()}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // a connection cut during start-up is not ready, nothing more
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
