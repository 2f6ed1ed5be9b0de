import { resolve } from "node:path";
import type { ResolvedConfig, ResolvedParity } from "../../gates/config.ts";
import { readRun } from "../../gates/evidence/index.ts";
import { EXIT, type ExitCode, UsageError } from "../../gates/exit.ts";
import { accept } from "../../suites/parity/accepted.ts";
import { accountFor } from "../../suites/parity/again.ts";
import { type Flag, type FlagValues, text, texts } from "./cli.ts";
import type { Life } from "./main.ts";
import { readUserFile } from "./parity.ts";
import { root } from "./run.ts";
import { reachTargets } from "./targets.ts";
import { configure, runFolder } from "./verification.ts";

export const parityFlags = {
  minutes: { value: "N", says: "how long to explore, instead of as long as the profile says" },
  sequences: { value: "N", says: "how many sequences to send, instead; with --minutes: at most" },
  operations: {
    value: "ID",
    multiple: true,
    says: "aim at these operations only (repeat or separate by commas)",
  },
  baseline: { value: "URL", says: "where the baseline is" },
  candidate: { value: "URL", says: "where the candidate is" },
  "user-file": { value: "FILE", says: "how an account is opened, instead of the configuration's" },
  replay: {
    value: "FILE",
    says: "send recorded traffic (HAR, or NDJSON of requests) instead of generated; reads only",
  },
  writes: { says: "with --replay: send recorded writes too" },
  accept: { value: "N", says: "accept finding N of the newest run (needs --owner, --reason, --expires)" },
  owner: { value: "NAME", says: "who answers for an accepted difference" },
  reason: { value: "TEXT", says: "why it is accepted" },
  expires: { value: "DAY", says: "until when, such as 2027-01-31" },
  run: { value: "ID", says: "with --accept: another run than the newest" },
  account: {
    value: "SIDE",
    says: "open an account on the baseline or the candidate and print it, and another, for a shell",
  },
} as const satisfies Record<string, Flag>;

/** The configuration with this command's flags over it. */
export function parityConfig(flags: FlagValues): ResolvedConfig {
  const named = configure({ ...flags, target: undefined });
  const url = (["baseline", "candidate"] as const).flatMap((role) => {
    const given = text(flags, role);
    const target = named.targets.find((each) => each.role === role);
    return given === undefined || target === undefined ? [] : [`${target.name}=${given}`];
  });
  const config = configure({ ...flags, url: [...(texts(flags, "url") ?? []), ...url] });
  const userFile = text(flags, "user-file") ?? config.parity?.userFile;
  if (userFile === undefined)
    throw new UsageError({
      what: "Parity needs to know how an account is opened.",
      where: "parity.userFile in cutover.config.ts, or --user-file",
      got: "nothing",
      wanted: "a file that exports defineUserFile({ openAccount })",
    });
  const minutes = number(flags, "minutes");
  const {
    seconds,
    sequences: planned,
    ...rest
  } = { accepted: "parity-accepted.json", ...config.parity, userFile };
  // A flag stands for all that the profile says of how much.
  const asked = number(flags, "sequences");
  const sequences = asked ?? (minutes === undefined ? planned : undefined);
  const time = minutes !== undefined ? minutes * 60 : asked === undefined ? (seconds ?? 60) : undefined;
  const operations = texts(flags, "operations")?.flatMap((names) => names.split(","));
  const replay = text(flags, "replay");
  const parity: ResolvedParity = {
    ...rest,
    ...(time !== undefined && { seconds: time }),
    ...(sequences !== undefined && { sequences }),
    ...(operations !== undefined && { operations }),
    ...(replay !== undefined && { replay: { file: resolve(replay), writes: flags.writes === true } }),
  };
  return { ...config, parity };
}

function number(flags: FlagValues, name: string): number | undefined {
  const given = text(flags, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError({
    what: "This needs a number above 0.",
    where: `--${name}`,
    got: given,
    wanted: "a number",
  });
}

/** Writes the entry of a reviewed difference. */
export function acceptFrom(flags: FlagValues, config: ResolvedConfig): ExitCode {
  const record = readRun(runFolder(flags));
  const open = record.parityFindings.filter(
    (finding) => finding.accepted === undefined && finding.class !== "stale acceptance",
  );
  const wanted = text(flags, "accept") ?? "";
  const finding = open[Number(wanted) - 1] ?? open.find(({ id }) => id === wanted);
  if (finding === undefined)
    throw new UsageError({
      what: "There is no such finding.",
      where: "--accept",
      got: wanted,
      wanted: open.length === 0 ? "a run with findings" : `1 to ${open.length}`,
    });
  const path = resolve(root, config.parity?.accepted ?? "parity-accepted.json");
  const by = {
    owner: text(flags, "owner") ?? "",
    reason: text(flags, "reason") ?? "",
    expires: text(flags, "expires") ?? "",
  };
  accept(path, finding, by);
  console.log(`${finding.title}\naccepted by ${by.owner} until ${by.expires} in ${path}`);
  return EXIT.holds;
}

/** Opens two accounts and prints them as variables, for the scripts of findings. */
export async function openAccount(
  flags: FlagValues,
  config: ResolvedConfig,
  onExit: Life["onExit"],
): Promise<ExitCode> {
  const side = text(flags, "account");
  const targets = await reachTargets(config, onExit);
  const target = targets.find(({ role }) => role === side);
  if (target === undefined)
    throw new UsageError({
      what: "There is no such side.",
      where: "--account",
      got: side ?? "",
      wanted: "baseline or candidate",
    });
  const userFile = await readUserFile(config.parity?.userFile ?? "");
  const account = await accountFor(target, userFile);
  const stranger = await accountFor(target, userFile);
  const prefix = `${side?.toUpperCase()}_`;
  const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;
  console.log(`export ${prefix.slice(0, -1)}=${quote(target.url)}`);
  for (const [name, { headers }] of [
    ["AUTH", account],
    ["STRANGER_AUTH", stranger],
  ] as const) {
    const [first] = Object.entries(headers);
    if (first !== undefined) console.log(`export ${prefix}${name}=${quote(first.join(": "))}`);
  }
  for (const [name, value] of Object.entries(account.values ?? {}))
    console.log(`export ${prefix}${name}=${quote(String(value))}`);
  return EXIT.holds;
}
