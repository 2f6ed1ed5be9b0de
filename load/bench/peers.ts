import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readRun } from "../../gates/evidence/index.ts";
import { sampleOf } from "../../gates/load-sample.ts";
import { quantile } from "../../gates/statistics/quantiles.ts";
import { type Ran, runPinned } from "./pinned.ts";

/** Where peers written in Go are kept: no part of the repository, and no need of the product. */
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cutover", "bench");
const modules = { vegeta: "github.com/tsenart/vegeta/v12@v12.12.0", k6: "go.k6.io/k6@v1.8.1" } as const;

const require = createRequire(import.meta.url);
const artillery = join(dirname(require.resolve("artillery/package.json")), "bin/run");

/** What one generator did. */
export interface Result {
  readonly sent: number;
  readonly cpuSeconds: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly lateP99Ms?: number;
  readonly errors?: number;
}

/** The program of a peer: on the path, in the cache, or built with Go; undefined where none of that is possible. */
export function peer(name: keyof typeof modules, say: (line: string) => void): string | undefined {
  const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  const cached = join(cache, name);
  if (found !== "" || existsSync(cached)) return found || cached;
  if (spawnSync("go", ["version"]).status !== 0) return undefined;
  say(`building ${modules[name]} (once, into ${cache})`);
  const built = spawnSync("go", ["install", modules[name]], { env: { ...process.env, GOBIN: cache } });
  return built.status === 0 && existsSync(cached) ? cached : undefined;
}

/** Artillery with its own http engine and a pool of connections, one request for each virtual user. */
export async function artilleryHttp(
  url: string,
  rate: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "cutover-bench-"));
  const script = join(folder, "get.json");
  writeFileSync(
    script,
    JSON.stringify({
      config: { target: url, phases: [{ duration: seconds, arrivalRate: rate }], http: { pool: 100 } },
      scenarios: [{ flow: [{ get: { url: "/" } }] }],
    }),
  );
  const ran = await runPinned(process.execPath, [artillery, "run", "-q", script], {
    env: { ARTILLERY_DISABLE_TELEMETRY: "1" },
    signal,
  });
  return { ...succeeded("artillery", ran), sent: 0 };
}

export async function ours(url: string, rate: number, seconds: number, signal: AbortSignal): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "cutover-bench-"));
  try {
    const args = [
      "--disable-warning=ExperimentalWarning",
      join(import.meta.dirname, "ours.ts"),
      ...[url, `${rate}`, `${seconds}`, folder],
    ];
    const ran = succeeded("our engine", await runPinned(process.execPath, args, { signal }));
    const sample = sampleOf(readRun(join(folder, "latest")), "server");
    const waits = sample.waits();
    return {
      sent: sample.n,
      cpuSeconds: ran.cpuSeconds,
      errors: sample.only(({ outcome }) => outcome !== "ok").n,
      lateP99Ms: quantile(sample.lateness(), 0.99) ?? 0,
      p50Ms: quantile(waits, 0.5) ?? 0,
      p99Ms: quantile(waits, 0.99) ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Closed loop, 50 connections. */
export async function autocannon(url: string, seconds: number, signal: AbortSignal): Promise<Result> {
  const script = join(dirname(require.resolve("autocannon/package.json")), "autocannon.js");
  const args = [script, "-c", "50", "-d", String(seconds), "-j", "-n", url];
  const ran = succeeded("autocannon", await runPinned(process.execPath, args, { signal }));
  const { requests } = JSON.parse(ran.stdout) as { requests: { total: number } };
  return { sent: requests.total, cpuSeconds: ran.cpuSeconds };
}

/** Closed loop, 50 virtual users. */
export async function k6(
  program: string,
  url: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Result> {
  const script = join(mkdtempSync(join(tmpdir(), "cutover-bench-")), "get.js");
  writeFileSync(
    script,
    `import http from "k6/http";\nexport default () => { http.get(${JSON.stringify(`${url}/`)}); };\n`,
  );
  const args = ["run", "--no-usage-report", "--quiet", "--vus", "50", "--duration", `${seconds}s`, script];
  const ran = succeeded("k6", await runPinned(program, args, { signal }));
  return { sent: 0, cpuSeconds: ran.cpuSeconds };
}

/** Open loop at a constant rate, timed from when each request was sent. */
export async function vegeta(
  program: string,
  url: string,
  rate: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Result> {
  const attack = `echo "GET ${url}/" | ${program} attack -rate=${rate} -duration=${seconds}s | ${program} report -type=json`;
  const ran = succeeded("vegeta", await runPinned("sh", ["-c", attack], { signal }));
  const { latencies, requests } = JSON.parse(ran.stdout) as {
    latencies: { "50th": number; "99th": number };
    requests: number;
  };
  return {
    sent: requests,
    cpuSeconds: ran.cpuSeconds,
    p50Ms: latencies["50th"] / 1e6,
    p99Ms: latencies["99th"] / 1e6,
  };
}

function succeeded(name: string, ran: Ran): Ran {
  if (ran.code === 0) return ran;
  throw new Error(
    `${name} ended with exit code ${ran.code}: ${(ran.stderr || ran.stdout).trim().slice(-500)}`,
  );
}
