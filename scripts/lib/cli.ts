import { parseArgs } from "node:util";
import { EXIT, UsageError } from "../../gates/exit.ts";

/** One flag of a script: how it is written in the help, and whether it takes a value or may be repeated. */
export interface Flag {
  readonly value?: string;
  readonly multiple?: boolean;
  readonly says: string;
}

export interface Command {
  readonly name: string;
  /** What it does, in one or two sentences. */
  readonly says: string;
  readonly flags: Readonly<Record<string, Flag>>;
}

export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Flags that several scripts take; each script picks those that make sense for it. */
export const shared = {
  target: { value: "NAME", multiple: true, says: "only this target (repeat or separate by commas)" },
  url: {
    value: "NAME=URL",
    multiple: true,
    says: "where a target is, instead of starting the bundled system",
  },
  spec: {
    value: "FILE",
    multiple: true,
    says: "OpenAPI documents (files or patterns), instead of the configuration's",
  },
  profile: { value: "NAME", says: "a profile of cutover.config.ts (default quick)" },
  seed: { value: "N", says: "repeats a run's random choices" },
  json: { says: "print the result as JSON on standard output, everything else on standard error" },
} as const satisfies Record<string, Flag>;

/**
 * Reads the command line of a script. `--help` prints the command's help and exits 0.
 * @throws UsageError for a flag that the command does not have, or one without its value
 */
export function readFlags(command: Command, argv: readonly string[] = process.argv.slice(2)): FlagValues {
  const options = Object.fromEntries(
    Object.entries({ ...command.flags, help: {} as Flag }).map(([name, flag]) => [
      name,
      {
        type: flag.value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: flag.multiple === true,
      },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    if (values.help === true) {
      console.log(help(command));
      process.exit(EXIT.holds);
    }
    return values as FlagValues;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError({
      what: `npm run ${command.name} does not understand its arguments.`,
      where: "command line",
      got: argv.join(" "),
      wanted: known.join(", "),
      next: `npm run ${command.name} -- --help (${(error as Error).message.split(".")[0]})`,
    });
  }
}

/** The help of one command: what it does, its flags, the exit codes. */
export function help(command: Command): string {
  const rows = Object.entries({ ...command.flags, help: { says: "this text" } as Flag }).map(
    ([name, flag]) => [`--${name}${flag.value === undefined ? "" : ` ${flag.value}`}`, flag.says],
  );
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  const call = command.name === "start" ? "npm start" : `npm run ${command.name}`;
  return [
    command.says,
    "",
    `usage: ${call} -- [flags]`,
    ...rows.map(([left, says]) => `  ${left?.padEnd(width)}  ${says}`),
    "",
    "exit codes: 0 holds (GO), 1 proven wrong (NO-GO), 2 cannot be told, 64 usage, 69 target unreachable,",
    "            70 a bug of Cutover, 71 this machine, 74 evidence cannot be written, 130 interrupted",
  ].join("\n");
}

/** A flag's text, or undefined when it was not given. */
export function text(values: FlagValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** A repeatable flag's texts, or undefined when it was not given. */
export function texts(values: FlagValues, name: string): readonly string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : undefined;
}

/** A flag's whole number above 0, or `otherwise`. @throws UsageError for anything else */
export function wholeNumber(values: FlagValues, name: string, otherwise: number): number {
  const got = text(values, name) ?? String(otherwise);
  const value = Number(got);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError({ what: "This needs a whole number.", where: `--${name}`, got, wanted: "1 or more" });
}
