import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { accountFor } from "../again.ts";
import { exploreParity } from "../explore.ts";
import { fixtures } from "../fixtures/run.ts";
import { shellScript } from "./shell.ts";
import { vitestFile } from "./vitest.ts";

const root = join(import.meta.dirname, "../../..");
const shelf = fixtures.find(({ name }) => name === "shelf");
if (shelf === undefined) throw new Error("the fixture is gone");

/** A finding of the fixture's, with both systems still up, and a folder where runs have theirs. */
const found = async (quirk: string, cleanUp: (close: () => unknown) => void) => {
  const [old, young] = [await shelf.start(), await shelf.start(quirk)];
  cleanUp(() => Promise.all([old.close(), young.close()]));
  const sides = { baseline: old.url, candidate: young.url };
  const { findings } = await exploreParity({
    model: shelf.model(),
    userFile: shelf.userFile,
    baseline: { name: "old", url: old.url, disposable: true },
    candidate: { name: "new", url: young.url, disposable: true },
    seed: 1,
    maxMs: 20_000,
    enough: 1,
  });
  const [finding] = findings;
  if (finding === undefined) throw new Error(`${quirk} was not found`);
  mkdirSync(join(root, "reports/out"), { recursive: true });
  const folder = mkdtempSync(join(root, "reports/out/parity-report-"));
  cleanUp(() => rmSync(folder, { recursive: true }));
  return { finding, sides, folder };
};

/** The statuses that each side answered, as the script prints them. */
function statusesOf(output: string): readonly (readonly string[])[] {
  return output
    .split("=== candidate")
    .map((side) => [...side.matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, status = ""]) => status));
}

test.each(["open-notes", "made-is-200"])(
  "the script of a finding shows %s with curl alone",
  async (quirk) => {
    const closers: (() => unknown)[] = [];
    try {
      const { finding, sides, folder } = await found(quirk, (close) => closers.push(close));
      const script = join(folder, "parity-1.sh");
      writeFileSync(script, shellScript(shelf.model(), finding, sides));
      const env: NodeJS.ProcessEnv = { ...process.env };
      for (const role of ["baseline", "candidate"] as const)
        for (const name of ["AUTH", "STRANGER_AUTH"]) {
          const account = await accountFor({ name: role, url: sides[role], role }, shelf.userFile);
          env[`${role.toUpperCase()}_${name}`] = Object.entries(account.headers)[0]?.join(": ");
        }
      const { stdout, stderr } = await promisify(execFile)("bash", [script], { env });
      expect(stderr).toBe("");
      const wanted = (["baseline", "candidate"] as const).map((side) =>
        finding.steps.map((step) => String(step[side].status)),
      );
      expect(statusesOf(stdout)).toEqual(wanted);
    } finally {
      for (const close of closers) await close();
    }
  },
);

test("the test of a finding fails while the two differ, and passes between equals", async () => {
  const closers: (() => unknown)[] = [];
  try {
    const { finding, sides, folder } = await found("made-is-200", (close) => closers.push(close));
    const file = join(folder, "parity-1.test.ts");
    const specs = [join(root, "suites/parity/fixtures/shelf/openapi.yaml")];
    const userFile = join(root, "suites/parity/fixtures/shelf/user-file.ts");
    writeFileSync(file, vitestFile(finding, { folder, root, specs, userFile, ...sides }));
    const run = (more: NodeJS.ProcessEnv) =>
      promisify(execFile)(
        join(root, "node_modules/.bin/vitest"),
        ["run", "--config", "suites/parity/vitest.config.ts", file],
        { cwd: root, env: { ...process.env, ...more } },
      ).then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: { code: number; stdout: string }) => error,
      );
    const differing = await run({});
    expect([differing.code, /1 failed/.test(differing.stdout)]).toEqual([1, true]);
    const equal = await run({ CANDIDATE: sides.baseline });
    expect([equal.code, /1 passed/.test(equal.stdout)]).toEqual([0, true]);
  } finally {
    for (const close of closers) await close();
  }
}, 60_000);
