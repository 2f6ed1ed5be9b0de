// Runs our engine in drive mode, through Artillery as always: `ours.ts <url> <rate> <seconds> <folder>`. Leaves its run
// in the folder, for somebody else to read: reading is no part of generating.
import { join } from "node:path";
import { createRun } from "../../gates/evidence/index.ts";
import { runLoad } from "../run.ts";

const [url = "", rate = "", seconds = "", folder = ""] = process.argv.slice(2);
const run = createRun(folder, {
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
