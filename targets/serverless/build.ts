import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const contexts = ["accounts", "catalog", "subscriptions", "usage", "invoices", "payments", "webhooks"];
const tasks = ["invoice-rater", "invoice-processor", "invoice-notifier"];

/** The 18 functions: the folder below `build/` that the template names, and the module with its `handler`. */
export const entries: Readonly<Record<string, string>> = {
  authorizer: "functions/authorizer/authorizer.ts",
  ...Object.fromEntries(
    contexts.flatMap((context) =>
      ["query", "command"].map((kind) => [`${context}-${kind}`, `functions/${context}/${kind}.ts`]),
    ),
  ),
  ...Object.fromEntries(tasks.map((task) => [task, `workflow/${task}.ts`])),
};

/**
 * Bundles every function into `build/<folder>/index.cjs`, unless it is there already, and answers the version: a
 * digest of all that goes in. CommonJS starts faster than modules; `.cjs`, since the repository's are modules.
 */
export async function bundle(): Promise<string> {
  const version = digestOfSources();
  const stamp = join(here, "build", "version.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === version) return version;
  // Beside the real place and then renamed, so that two builds at once cannot show each other half a file.
  const outdir = join(here, "build", `.${process.pid}`);
  try {
    await build({
      absWorkingDir: here,
      entryPoints: Object.fromEntries(
        Object.entries(entries).map(([folder, file]) => [`${folder}/index`, file]),
      ),
      outdir,
      outExtension: { ".js": ".cjs" },
      bundle: true,
      minify: true,
      platform: "node",
      target: "node24",
      format: "cjs",
      mainFields: ["module", "main"],
      legalComments: "none",
      logLevel: "warning",
    });
    for (const folder of Object.keys(entries)) {
      const file = join(folder, "index.cjs");
      mkdirSync(dirname(join(here, "build", file)), { recursive: true });
      renameSync(join(outdir, file), join(here, "build", file));
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
  writeFileSync(stamp, version);
  return version;
}

/** Sources, and the lock file for what they import. */
function digestOfSources(): string {
  const sources = globSync("{lib,functions,workflow}/**/*.ts", { cwd: here })
    .filter((file) => !file.endsWith(".test.ts"))
    .sort();
  const hash = createHash("sha256");
  for (const file of [...sources, "build.ts", "../../package-lock.json"])
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(here, file)))
      .update("\0");
  return hash.digest("hex").slice(0, 12);
}
