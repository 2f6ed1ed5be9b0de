import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";
import { MachineError } from "../../gates/exit.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import type { BehaviouralDefect } from "../../suites/parity/defects/catalogue.ts";
import { joinedSpec } from "./joined-spec.ts";
import { outputOf } from "./run.ts";

/** What one run of Schemathesis came to. */
export interface TesterRun {
  /** Failures that its baseline does not know. */
  readonly fresh: number;
  /** Their kinds, with the operations. */
  readonly kinds: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly cases: number;
  readonly seconds: number;
}

export interface TesterAsked {
  readonly url: string;
  readonly seconds: number;
  readonly seed: number;
  /** Takes every failure into the baseline instead of reporting it. */
  readonly learn?: boolean;
  /** operationIds that it leaves alone. */
  readonly without?: readonly string[];
}

interface Report {
  readonly running_time: number;
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly baseline?: { readonly new: number };
}

/** Schemathesis on this machine, with one folder for its files and one baseline. */
export class Schemathesis {
  readonly version: string;
  readonly heading = "| id | defect | found | new failures | test cases |\n|---|---|---|---|---|";
  readonly #command: string;
  readonly #model: OperationModel;
  readonly #folder = mkdtempSync(join(tmpdir(), "cutover-schemathesis-"));

  private constructor(command: string, version: string, model: OperationModel) {
    this.#command = command;
    this.#model = model;
    this.version = version;
  }

  /** @throws MachineError when it is not installed */
  static async find(model: OperationModel, command = process.env.SCHEMATHESIS ?? "schemathesis") {
    const version = await outputOf(command, ["--version"]).catch(() => undefined);
    if (version === undefined)
      throw new MachineError({
        what: "Schemathesis is missing, so nothing was compared.",
        got: `no ${command}`,
        wanted: "schemathesis 4.32 or later (Python)",
        next: "python3 -m venv DIR && DIR/bin/pip install schemathesis==4.32.5, then SCHEMATHESIS=DIR/bin/schemathesis",
      });
    const found = new Schemathesis(command, version.split(" ").at(-1) ?? version, model);
    writeFileSync(join(found.#folder, "openapi.json"), JSON.stringify(await joinedSpec(model)));
    return found;
  }

  /** Every check and phase, with the key and the id of a fresh account. */
  async run({ url, seconds, seed, learn = false, without = [] }: TesterAsked): Promise<TesterRun> {
    const { key, accountId } = await freshAccount(url);
    const at = (name: string): string => join(this.#folder, name);
    writeFileSync(at("schemathesis.toml"), `[parameters]\n"path.accountId" = "${accountId}"\n`);
    rmSync(at("report.json"), { force: true });
    const args = [
      ...["--config-file", at("schemathesis.toml"), "run", at("openapi.json"), "--url", url],
      ...["--header", `Authorization: Bearer ${key}`, "--checks", "all", "--no-color"],
      ...["--max-time", String(seconds), "--seed", String(seed)],
      ...["--report", "json", "--report-json-path", at("report.json")],
      ...["--baseline", at("baseline.json"), ...(learn ? ["--baseline-update"] : [])],
      ...without.flatMap((id) => ["--exclude-operation-id", id]),
    ];
    // It may take longer than it was given to stop; what it saw until then is in its report.
    const options = { cwd: this.#folder, nothrow: true, quiet: true, timeout: `${seconds + 60}s` } as const;
    const { stdout, stderr } = await $(options)`${this.#command} ${args}`;
    let report: Report;
    try {
      report = JSON.parse(readFileSync(at("report.json"), "utf8")) as Report;
    } catch (error) {
      throw new Error(`Schemathesis left no report: ${stderr || stdout.slice(-2000)}`, { cause: error });
    }
    const { failures, baseline, test_cases: cases, running_time: took } = report;
    return {
      fresh: baseline?.new ?? 0,
      kinds:
        (baseline?.new ?? 0) === 0 ? [] : failures.map(({ title, operations }) => ({ title, operations })),
      cases: cases.generated,
      seconds: took,
    };
  }

  /**
   * One row for people. A defect counts as found when something new is reported of an operation that may show it,
   * as it does for parity; what is new elsewhere is an alarm without a cause.
   */
  row(id: string, defect: BehaviouralDefect | undefined, { kinds, fresh, cases }: TesterRun): string {
    const shows = new Set([...(defect?.operations ?? []), ...(defect?.seenIn ?? [])]);
    const idOf = (name: string): string =>
      this.#model.operations.find(({ method, path }) => `${method} ${path}` === name)?.id ?? name;
    const told = kinds
      .map(({ title, operations }) => `${title}: ${operations.map(idOf).join(", ")}`)
      .join("; ");
    const found = kinds.some(({ operations }) => operations.some((name) => shows.has(idOf(name))));
    const was = defect === undefined ? "–" : found ? "yes" : "no";
    return `| ${id} | ${defect?.defect ?? "none"} | ${was} | ${fresh === 0 ? "–" : told} | ${cases} |`;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freshAccount(url: string): Promise<{ readonly key: string; readonly accountId: string }> {
  const account = {
    name: "Schemathesis",
    email: "ada@example.com",
    currency: "EUR",
    taxRateBasisPoints: 1900,
  };
  const response = await fetch(`${url}/accounts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  const body = (await response.json()) as {
    readonly apiKey: string;
    readonly account: { readonly id: string };
  };
  return { key: body.apiKey, accountId: body.account.id };
}
