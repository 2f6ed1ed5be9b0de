import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What runs here: a digest of the sources, so that another program never answers with the same version. */
export function sourceVersion(): string {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const digest = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sql|sh)$/.test(name) && !name.endsWith(".test.ts"))
    .sort();
  for (const name of files)
    digest
      .update(name)
      .update("\0")
      .update(readFileSync(join(folder, name)));
  return `monolith-${digest.digest("hex").slice(0, 12)}`;
}
