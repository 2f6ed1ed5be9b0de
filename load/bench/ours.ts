// Runs our engine in drive mode, through Artillery as always: `ours.ts <url> <rate> <seconds>`; prints what it saw.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRun, readRun } from "../../gates/evidence/index.ts";
import { runLoad } from "../run.ts";

const [url = "", rate = "", seconds = ""] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), "cutover-bench-"));
try {
  const run = createRun(root, {
    command: "npm run bench",
    git: { commit: null, dirty: false },
    seed: 1,
    profile: {
      name: "bench",
      label: "bench",
      gates: [],
      generator: { latenessP99Ms: 50, eventLoopP99Ms: 100 },
      maxAgeHours: 1,
    },
    targets: [{ name: "server", url, role: "candidate" }],
    specs: [],
    tools: {},
    stages: [],
  });
  await runLoad({
    targets: [{ name: "server", url, headers: {} }],
    scenario: join(import.meta.dirname, "get.yaml"),
    phases: [{ name: "steady", rate: Number(rate), seconds: Number(seconds) }],
    requests: 0,
    timeoutMs: 5_000,
    runDir: run.dir,
    seed: 1,
    secrets: [],
    specs: [],
    signal: new AbortController().signal,
  });
  run.end();
  const { requests } = readRun(run.dir);
  const quantile = (values: readonly number[], share: number): number =>
    [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
  const latency = requests.map(({ dueMs, doneMs }) => doneMs - dueMs);
  console.log(
    JSON.stringify({
      n: requests.length,
      errors: requests.filter(({ outcome }) => outcome !== "ok").length,
      lateP99Ms: quantile(
        requests.map(({ dueMs, sentMs }) => sentMs - dueMs),
        0.99,
      ),
      p50Ms: quantile(latency, 0.5),
      p99Ms: quantile(latency, 0.99),
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
