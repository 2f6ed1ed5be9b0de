import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until } from "../fixture/start.ts";
import { superviseChildren } from "./index.ts";

const parentProgram = fileURLToPath(new URL("../fixture/parent.ts", import.meta.url));

/** Zombies are gone for our purpose: they wait for whoever adopted them. */
function running(): { pid: number; parent: number; state: string }[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state = ""]) => ({ pid: Number(pid), parent: Number(parent), state }))
    .filter(({ state }) => !state.startsWith("Z"));
}

test.for(["SIGKILL", "SIGINT"] as const)(
  "nothing outlives a parent that ends by %s for 2 seconds",
  async (signal, { onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "supervised-"));
    writeFileSync(join(folder, "file"), "x");
    const parent = spawn(process.execPath, [parentProgram, folder], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void parent.kill("SIGKILL"));
    await new Promise<void>((resolve) => parent.stdout.once("data", () => resolve()));
    const children = running().filter(({ parent: of }) => of === parent.pid);
    // Two supervisors; environments for /reply, the authorizer, /things, all stopped, and for /slow.
    expect(children.length).toBeGreaterThanOrEqual(6);
    expect(children.filter(({ state }) => state.startsWith("T")).length).toBeGreaterThanOrEqual(3);
    parent.kill(signal);
    const pids = new Set(children.map(({ pid }) => pid));
    await until(() => (running().some(({ pid }) => pids.has(pid)) ? undefined : true), 2_000);
    await until(() => (existsSync(folder) ? undefined : true), 2_000);
  },
);

test("closing ends what is registered, and spares what was released", async () => {
  const [watched, released] = [0, 1].map(() => spawn("sleep", ["30"], { detached: true, stdio: "ignore" }));
  if (!watched?.pid || !released?.pid) throw new Error("not started");
  const supervisor = superviseChildren([watched.pid, released.pid]);
  supervisor.release(released.pid);
  await supervisor.close();
  const signal = await new Promise((resolve) => {
    if (watched.signalCode) resolve(watched.signalCode);
    watched.once("exit", (_code, by) => resolve(by));
  });
  expect(signal).toBe("SIGKILL");
  expect(running().some(({ pid }) => pid === released.pid)).toBe(true);
  released.kill("SIGKILL");
});
