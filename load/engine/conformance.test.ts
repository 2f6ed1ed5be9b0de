import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { listening, temporaryFolder } from "../fixture.ts";

const require = createRequire(import.meta.url);
const artillery = join(dirname(require.resolve("artillery/package.json")), "bin/run");
const script = join(import.meta.dirname, "conformance/everything.yaml");

/** What of a request is the scenario's own. */
interface Logged {
  readonly step: string;
  readonly request: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Run {
  /** By the user's id, in the order of arrival; those in parallel by their names. */
  readonly sent: Readonly<Record<string, readonly Logged[]>>;
  readonly counters: Readonly<Record<string, number>>;
  readonly summaries: Readonly<Record<string, { readonly count: number }>>;
  readonly output: string;
  readonly code: number | null;
}

const own = ["content-type", "cookie", "if-match", "x-second", "x-text", "x-default", "x-stamp"];

async function runThrough(engine: "http" | "cutover", file = script): Promise<Run> {
  const sent: Record<string, Logged[]> = {};
  const loops = new Map<string, number>();
  const url = await listening(async (request, response) => {
    const body = await textOf(request);
    const user = String(request.headers["x-stamp"]);
    const step = String(request.headers["x-step"]);
    const headers = Object.fromEntries(own.map((name) => [name, request.headers[name]]));
    sent[user] ??= [];
    sent[user].push({ step, request: `${request.method} ${request.url}`, headers, body });
    if (request.url === "/reset") return void request.socket.destroy();
    const left = 2 - (loops.get(user) ?? 0);
    if (step === "while") loops.set(user, (loops.get(user) ?? 0) + 1);
    const status = step === "create" ? 201 : step === "status" ? 500 : 200;
    const cookie = step === "cookie-set" && { "set-cookie": ["first=1; Path=/", "other=2; Path=/elsewhere"] };
    response.writeHead(status, { "content-type": "application/json", "x-tag": `t${user}`, ...cookie });
    const items = [
      { n: 1, id: "i1" },
      { n: 2, id: `i2-${user}` },
    ];
    response.end(JSON.stringify({ id: `id-${user}`, kind: "thing", items, left }));
  }, onTestFinished);
  const out = join(temporaryFolder(onTestFinished), "out.json");
  const overrides = { config: { engine, engines: engine === "http" ? {} : { cutover: {} } } };
  const args = ["run", file, "-q", "-o", out, "--target", url, "--overrides", JSON.stringify(overrides)];
  const child = spawn(process.execPath, [artillery, ...args], {
    env: { ...process.env, NODE_PATH: import.meta.dirname, ARTILLERY_DISABLE_TELEMETRY: "1" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  for (const logged of Object.values(sent)) logged.sort(byNameInParallel);
  const read = (): { aggregate: Pick<Run, "counters" | "summaries"> } =>
    JSON.parse(readFileSync(out, "utf8"));
  const { counters, summaries } = code === 0 ? read().aggregate : { counters: {}, summaries: {} };
  return { sent, counters, summaries, output, code };
}

const byNameInParallel = (a: Logged, b: Logged): number =>
  a.step.startsWith("parallel") && b.step.startsWith("parallel") ? a.step.localeCompare(b.step) : 0;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

describe("beside Artillery's own http engine", () => {
  test("the same scenario sends the same requests and counts the same", { timeout: 120_000 }, async () => {
    const theirs = await runThrough("http");
    const ours = await runThrough("cutover");
    expect(theirs.code, theirs.output).toBe(0);
    expect(ours.code, ours.output).toBe(0);
    expect(Object.keys(theirs.sent).sort()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(ours.sent).toEqual(theirs.sent);
    const counted = (run: Run): unknown =>
      Object.fromEntries(Object.entries(run.counters).filter(([name]) => name !== "http.downloaded_bytes"));
    expect(counted(ours)).toEqual(counted(theirs));
    const measured = (run: Run): unknown =>
      Object.entries(run.summaries)
        .filter(([name]) => name.startsWith("http.") || name.startsWith("plugins."))
        .map(([name, { count }]) => `${name} ${count}`)
        .sort();
    expect(measured(ours)).toEqual(measured(theirs));
  });
});
