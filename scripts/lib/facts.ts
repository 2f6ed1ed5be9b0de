import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { NewRun } from "../../gates/evidence/index.ts";
import { UsageError } from "../../gates/exit.ts";
import { outputOf, root } from "./run.ts";

/** The commit that is checked out (null outside a git checkout) and whether files differ from it. */
export async function gitFacts(): Promise<NewRun["git"]> {
  const commit = await outputOf("git", ["rev-parse", "HEAD"]);
  const changes = await outputOf("git", ["status", "--porcelain", "--untracked-files=no"]);
  return { commit: commit ?? null, dirty: changes !== undefined && changes !== "" };
}

/** The branch that is checked out; `CUTOVER_BRANCH` where CI checks out a commit alone. @throws UsageError */
export async function gitBranch(): Promise<string> {
  const branch = process.env.CUTOVER_BRANCH || (await outputOf("git", ["branch", "--show-current"]));
  if (branch !== undefined && branch !== "") return branch;
  throw new UsageError({
    what: "The broker wants to know the branch, and no branch is checked out.",
    where: "CUTOVER_BRANCH",
    got: "nothing",
    wanted: "the branch's name",
  });
}

/** The commit, where it says all about what is verified. @throws UsageError when there is none, or changes beyond it */
export function requireCommit({ commit, dirty }: NewRun["git"]): string {
  if (commit !== null && !dirty) return commit;
  throw new UsageError({
    what: "What is published must be what a commit holds; nothing was published.",
    where: "git",
    got: commit === null ? "no commit" : `${commit} with changes`,
    wanted: "a commit without changes",
    next: "Commit first, or verify without publishing: npm run pact -- --no-publish",
  });
}

/** The documents that the patterns name, each with the SHA-256 of its bytes. */
export function specFacts(patterns: readonly string[]): NewRun["specs"] {
  return globSync([...patterns], { cwd: root })
    .sort()
    .map((file) => ({
      path: relative(root, file),
      sha256: createHash("sha256").update(readFileSync(file)).digest("hex"),
    }));
}

/** The versions of what made the evidence. */
export function toolFacts(): Readonly<Record<string, string>> {
  const versionOf = (name: string): string =>
    (
      JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as {
        version: string;
      }
    ).version;
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const tools = ["artillery", "vitest", "supertest", "@pact-foundation/pact", "@aws-sdk/client-lambda"];
  return {
    cutover: own.version,
    node: process.versions.node,
    ...Object.fromEntries(tools.map((t) => [t, versionOf(t)])),
  };
}
