import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { descendantsOf, isAlive } from "./lib/process-tree.ts";
import { root } from "./lib/run.ts";

/** What one run of the bundled systems consists of, once it is up. */
interface Up {
  readonly bootstrap: ChildProcess;
  readonly processes: readonly number[];
  readonly urls: readonly string[];
  readonly folders: readonly string[];
}

const temporary = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("cutover-"));

/** Starts both bundled systems through the bootstrap and waits until they serve. */
async function start(): Promise<Up> {
  const before = temporary();
  const bootstrap = spawn(
    process.execPath,
    [
      join(root, "scripts/bootstrap.mjs"),
      "targets",
      "--monolith-port",
      "0",
      "--serverless-port",
      "0",
      "--aws-port",
      "0",
    ],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  onTestFinished(() => {
    bootstrap.kill("SIGKILL");
  });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes("Ctrl-C stops them")) resolve();
    };
    bootstrap.stdout.on("data", hear);
    bootstrap.stderr.on("data", hear);
    bootstrap.on("exit", (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  const urls = [...said.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
  // One request, so that there are Lambda environments: processes, and stopped ones at that.
  await Promise.all(urls.slice(0, 2).map((url) => fetch(`${url}/health`)));
  return {
    bootstrap,
    urls,
    processes: descendantsOf(bootstrap.pid ?? 0),
    folders: temporary().filter((name) => !before.includes(name)),
  };
}

/** Everything of the run that is still there at the deadline. */
async function leftovers(up: Up, deadlineMs: number): Promise<readonly string[]> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const left = [
      ...up.processes.filter(isAlive).map((pid) => `process ${pid}`),
      ...temporary().filter((name) => up.folders.includes(name)),
      ...(
        await Promise.all(
          up.urls.map((url) =>
            fetch(url).then(
              () => url,
              () => "",
            ),
          ),
        )
      ).filter((url) => url !== ""),
    ];
    if (left.length === 0 || performance.now() > end) return left;
    await wait(50);
  }
}

describe("whatever way a run ends, nothing of it is left", () => {
  test("after Ctrl-C", async () => {
    const up = await start();
    expect(up.processes.length).toBeGreaterThan(5);
    expect(up.folders.length).toBeGreaterThan(0);
    // A terminal sends it to every process of the group; the script alone must do.
    process.kill(up.processes[0] ?? 0, "SIGINT");
    const code = await new Promise((resolve) => up.bootstrap.on("exit", resolve));
    expect(code).toBe(130);
    expect(await leftovers(up, 0)).toEqual([]);
  });

  test("after the bootstrap was killed", async () => {
    const up = await start();
    up.bootstrap.kill("SIGKILL");
    expect(await leftovers(up, 5000)).toEqual([]);
  });

  test("after the script itself was killed", async () => {
    const up = await start();
    process.kill(up.processes[0] ?? 0, "SIGKILL");
    expect(await leftovers(up, 5000)).toEqual([]);
  });
});
