// Plain JavaScript on purpose: a fresh clone has neither dependencies nor Node 24 yet, and whatever node
// started us (20 or newer) must be able to read this file. It installs once, then hands over to
// scripts/<command>.ts under the Node that the lock file pins.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const EXIT_USAGE = 64;
const EXIT_MACHINE = 71;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const stamp = join(root, "node_modules", ".cutover-installed");

const [command, ...args] = process.argv.slice(2);
const commands = readdirSync(join(root, "scripts"))
  .filter((f) => f.endsWith(".ts") && !f.endsWith(".test.ts"))
  .map((f) => f.slice(0, -3))
  .sort();
if (command === undefined || !commands.includes(command)) {
  die(EXIT_USAGE, `unknown command ${command ?? "(none)"}`, `one of: ${commands.join(", ")}`);
}
install();
run(pinnedNode(), join(root, "scripts", `${command}.ts`), args);

/** Installs what package-lock.json pins, unless that was already done for exactly this lock file. */
function install() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error(
    "Setting up: installing the pinned dependencies, Node 24 among them (once; one to two minutes) ...",
  );
  rmSync(stamp, { force: true });
  const began = Date.now();
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.error !== undefined)
    die(EXIT_MACHINE, `npm could not be started (${npm.error.message})`, "install npm 10 or newer");
  if (npm.signal !== null) process.exit(130);
  if (npm.status !== 0)
    die(
      EXIT_MACHINE,
      "npm ci failed (its own words stand above)",
      "check that the npm registry is reachable, then run the same command again",
    );
  writeFileSync(stamp, wanted);
  console.error(`Set up in ${Math.round((Date.now() - began) / 1000)} s.`);
}

/** The Node that the lock file brings, or the one running now where it is new enough. */
function pinnedNode() {
  const candidates = [join(bin, "node"), process.execPath];
  for (const candidate of candidates) {
    if (!existsSync(candidate)) continue;
    const version = spawnSync(candidate, ["--version"], { encoding: "utf8" }).stdout ?? "";
    if (Number(version.slice(1).split(".")[0]) >= 24) return candidate;
  }
  return die(
    EXIT_MACHINE,
    `no Node 24 for ${process.platform}-${process.arch}; this is ${process.version}`,
    "install Node 24 or newer and run the same command again",
  );
}

/** Runs one script; it learns of our death by the closed channel, also when we are killed outright. */
function run(node, script, scriptArgs) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", script, ...scriptArgs], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: {
      // Compiled once, every process of ours starts in half the time.
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"),
      ...process.env,
      PATH: `${bin}:${process.env.PATH ?? ""}`,
    },
  });
  child.on("error", (error) =>
    die(EXIT_MACHINE, `could not start ${script} (${error.message})`, "run the command again"),
  );
  // A terminal's Ctrl-C reaches the child by itself; we only wait for it to clean up.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const ancestors = parents();
  const watch = setInterval(() => {
    if (ancestors.some((pid) => !alive(pid))) child.kill("SIGTERM");
  }, 500);
  child.on("exit", (code, signal) => {
    clearInterval(watch);
    process.exit(code ?? (signal === "SIGINT" ? 130 : 70));
  });
}

/** The processes that started us on npm's behalf (a shell, then npm): when one is gone, so is the user. */
function parents() {
  const found = [process.ppid];
  if (process.env.npm_lifecycle_event !== undefined) {
    try {
      const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
      const comm = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      const grandparent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (/^(sh|dash|bash)$/.test(comm) && grandparent > 1) found.push(grandparent);
    } catch {
      // No /proc on this system: the direct parent has to do.
    }
  }
  return found.filter((pid) => pid > 1);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function die(code, what, next) {
  console.error(`cutover: ${what}\n  next: ${next}`);
  process.exit(code);
}
