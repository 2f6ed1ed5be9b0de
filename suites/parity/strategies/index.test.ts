import { expect, test } from "vitest";
import { bundledModel } from "../../../openapi/model/index.ts";
import bundled from "../bundled.ts";
import type { Environment } from "../engine/environment.ts";
import { idMap } from "../model/ids.ts";
import { Random } from "../random.ts";
import { goalsOf, ordered } from "./index.ts";

const model = bundledModel();
const env = {
  model,
  ids: idMap(model),
  userFile: bundled,
  operations: model.operations,
} as unknown as Environment;
const goals = goalsOf(env, model.operations);

test("each goal has its turn once, the telling ones first, in an order that the seed decides", () => {
  const names = (seed: number): readonly string[] =>
    ordered(goals, new Random(seed, "order")).map(
      ({ strategy, operation }) => `${strategy.name} ${operation.id}`,
    );
  expect(new Set(names(1)).size).toBe(goals.length);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
  const weights = ordered(goals, new Random(1, "order")).map(({ strategy }) => strategy.weight);
  expect(weights).toEqual(weights.toSorted((a, b) => b - a));
});

test("credentials with some rights are tried where a reply hands them out to somebody who has an account", () => {
  const tried = goals
    .filter(({ strategy }) => strategy.name === "deputies")
    .map(({ operation }) => operation.id);
  expect(tried).toEqual(["inviteMember"]);
});

test("strangers ask for each kind of thing that something creates", () => {
  const kinds = goals
    .filter(({ strategy }) => strategy.name === "strangers")
    .map(({ operation }) => operation.id);
  expect(kinds).toContain("refundPayment");
  expect(kinds).not.toContain("finalizeInvoice");
});
