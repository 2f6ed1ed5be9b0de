import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { type ContractResult, joinRun, type RunWriter } from "../../gates/evidence/index.ts";
import { EXIT } from "../../gates/exit.ts";
import { type ContractPlan, contractPlan } from "./plan.ts";
import { settings } from "./settings.ts";

/** Writes evidence as results come in; tells people what is broken, and which cells nobody exercised. */
export default class ContractReporter implements Reporter {
  readonly #results: ContractResult[] = [];
  readonly #run: RunWriter | undefined;

  constructor() {
    // Whoever started the tests is gone, in whatever way: nobody wants their end any more.
    process.once("disconnect", () => process.exit(EXIT.interrupted));
    // Listening alone would keep the process waiting for that when all is done.
    process.channel?.unref();
    const { runDir } = settings();
    const secrets = (process.env.CUTOVER_SECRETS ?? "").split("\n").filter((secret) => secret !== "");
    this.#run = runDir === undefined ? undefined : joinRun(runDir, { secrets });
  }

  onTestCaseResult(test: TestCase): void {
    const result = (test.meta() as { contract?: ContractResult }).contract ?? withoutResult(test);
    this.#results.push(result);
    this.#run?.append("contracts", result);
    process.send?.({ result });
    if (result.outcome !== "held") console.log(describe(result));
  }

  onTestRunEnd(_: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.#run?.close();
    for (const error of errors) console.log(`Cutover itself failed: ${error.stack ?? error.message}`);
    // Not before the tests have begun: reading the documents would keep them waiting.
    const { model, cases, targets } = settings();
    const plan = contractPlan(model, cases);
    const unseen = targets.flatMap((target) => unseenCells(plan, this.#results, target.name));
    for (const line of unseen) console.log(line);
    const passed = this.#results.filter((result) => result.outcome === "held").length;
    const planned = plan.cases.length * targets.length;
    if (unseen.length > 0 || errors.length > 0 || this.#results.length !== planned) process.exitCode = 1;
    const missing = planned - this.#results.length;
    if (missing > 0) console.log(`${missing} planned tests have no result`);
    console.log(`${passed} passed, ${planned - passed} failed`);
  }
}

/** A test that ended without telling what it saw, as when its worker died. */
function withoutResult(test: TestCase): ContractResult {
  const [target = "", id = "", operationId = ""] = test.name.split(" ");
  const errors = test.result().errors ?? [];
  const got = errors.map((error) => error.message).join("; ") || `state ${test.result().state}`;
  return {
    ...{ id, operationId, target, outcome: "broken", at: new Date().toISOString() },
    durationMs: test.diagnostic()?.duration ?? 0,
    findings: [{ operation: operationId, got, wanted: "a result", message: `${operationId}: ${got}` }],
    cells: [],
  };
}

/** Findings shown of one case; all of them are in the evidence. */
const SHOWN = 12;

function describe(result: ContractResult): string {
  const head = `${result.target} ${result.id} ${result.operationId}: ${result.outcome}`;
  const shown = result.findings.slice(0, SHOWN).flatMap(({ message, curl }) => {
    const again = curl === undefined ? [] : [`    ${curl.length > 600 ? `${curl.slice(0, 600)}…` : curl}`];
    return [`  ${message}`, ...again];
  });
  const more = result.findings.length - SHOWN;
  const rest = more > 0 ? [`  … and ${more} more findings`] : [];
  return [head, ...(result.reason === undefined ? [] : [`  ${result.reason}`]), ...shown, ...rest].join("\n");
}

function unseenCells(
  plan: ContractPlan,
  results: readonly ContractResult[],
  target: string,
): readonly string[] {
  const mine = results.filter((result) => result.target === target);
  const seen = new Set(mine.flatMap((result) => result.cells));
  for (const { cell } of plan.exempt) seen.add(cell);
  return plan.cells.filter((cell) => !seen.has(cell)).map((cell) => `${target}: nobody exercised ${cell}`);
}
