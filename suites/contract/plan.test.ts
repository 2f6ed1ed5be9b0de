import { expect, test } from "vitest";
import { UsageError } from "../../gates/exit.ts";
import { bundledModel } from "../../openapi/model/index.ts";
import { CASES, contractPlan, planContracts } from "./plan.ts";

test("there is one case for each of the 42 operations", () => {
  const documented = bundledModel().operations.map((operation) => operation.id);
  expect(CASES.map((planned) => planned.operationId).sort()).toEqual([...documented].sort());
  expect([CASES[0]?.id, CASES.at(-1)?.id, CASES.length]).toEqual(["C01", "C42", 42]);
});

test("the plan has every documented cell but those of the gateway", () => {
  const { cells } = planContracts([]);
  expect(cells.filter((cell) => cell.startsWith("createAccount "))).toEqual(
    ["201", "400", "413", "415", "422"].map((status) => `createAccount ${status}`),
  );
  expect(cells.length).toBeGreaterThan(250);
});

test("a plan can be narrowed by number and by operation, and has those cells alone", () => {
  const plan = contractPlan(bundledModel(), ["C02", "archivePlan"]);
  expect(plan.cases.map((planned) => planned.id)).toEqual(["C02", "C11"]);
  expect(new Set(plan.cells.map((cell) => cell.split(" ")[0]))).toEqual(
    new Set(["getAccount", "archivePlan"]),
  );
});

test("a name that is no case is refused", () => {
  expect(() => contractPlan(bundledModel(), ["C43"])).toThrow(UsageError);
});
