import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { NewRun } from "../../gates/evidence/index.ts";
import { outputOf, root } from "./run.ts";

/** The commit that is checked out (null outside a git checkout) and whether files differ from it. */
export async function gitFacts(): Promise<NewRun["git"]> {
  const commit = await outputOf("git", ["rev-parse", "HEAD"]);
  const changes = await outputOf("git", ["status", "--porcelain", "--untracked-files=no"]);
  return { commit: commit ?? null, dirty: changes !== undefined && changes !== "" };
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
  const tools = ["artillery", "vitest", "supertest", "@aws-sdk/client-lambda"];
  return {
    cutover: own.version,
    node: process.versions.node,
    ...Object.fromEntries(tools.map((t) => [t, versionOf(t)])),
  };
}
