import type { Operation } from "../../../openapi/model/index.ts";
import type { Environment } from "../engine/environment.ts";
import type { Recipes } from "../engine/scout.ts";
import { pagingOf } from "../model/paging.ts";
import type { Random } from "../random.ts";
import { cascades, siblingsOf } from "./cascades.ts";
import { deputies } from "./deputies.ts";
import { edges } from "./edges.ts";
import { gone } from "./gone.ts";
import { invalid } from "./invalid.ts";
import { lists } from "./lists.ts";
import { patches } from "./patches.ts";
import type { Player } from "./player.ts";
import { races } from "./races.ts";
import { repeats } from "./repeats.ts";
import { strangers } from "./strangers.ts";
import { walk } from "./walk.ts";

/** One way to look at an operation. */
export interface Strategy {
  readonly name: string;
  /** How much it tells for its requests: what tells more comes earlier, and is drawn more often. */
  readonly weight: number;
  fits(env: Environment, operation: Operation): boolean;
  play(player: Player, operation: Operation): Promise<void>;
}

export interface Goal {
  readonly strategy: Strategy;
  readonly operation: Operation;
}

const writes = (env: Environment, operation: Operation): boolean => env.ids.get(operation.id)?.safe === false;
const listed = (env: Environment, operation: Operation): boolean =>
  pagingOf(env.model, operation) !== undefined ||
  (operation.method === "GET" && env.ids.get(operation.id)?.collection !== undefined);
const hasBody = (_: Environment, operation: Operation): boolean => operation.requestBody !== undefined;

export const strategies: readonly Strategy[] = [
  {
    name: "patches",
    weight: 4,
    fits: (_, { method }) => method === "PATCH" || method === "PUT",
    play: patches,
  },
  {
    name: "lists",
    weight: 4,
    fits: listed,
    play: lists,
  },
  { name: "gone", weight: 4, fits: (_, { method }) => method === "DELETE", play: gone },
  {
    name: "deputies",
    weight: 4,
    fits: (env, { id, security }) =>
      security.length > 0 && (env.userFile.credentials ?? []).some((each) => each.operation === id),
    play: deputies,
  },
  {
    name: "strangers",
    weight: 3,
    fits: (env, operation) => env.ids.get(operation.id)?.creates !== undefined,
    play: strangers,
  },
  {
    name: "cascades",
    weight: 3,
    fits: (env, operation) =>
      writes(env, operation) &&
      env.ids.get(operation.id)?.creates === undefined &&
      siblingsOf(env, operation).length > 0,
    play: cascades,
  },
  {
    name: "edges",
    weight: 3,
    // How lists are filtered is looked at with something in them.
    fits: (env, operation) =>
      hasBody(env, operation) ||
      (operation.parameters.some((each) => each.in === "query") && !listed(env, operation)),
    play: edges,
  },
  { name: "repeats", weight: 2, fits: writes, play: repeats },
  { name: "walk", weight: 1.5, fits: writes, play: walk },
  {
    name: "races",
    weight: 1,
    fits: (env, operation) => writes(env, operation) && operation.method !== "PUT",
    play: races,
  },
  { name: "invalid", weight: 1, fits: () => true, play: invalid },
];

/** Everything worth looking at: each operation in each way that fits it. */
export function goalsOf(env: Environment, operations: readonly Operation[]): readonly Goal[] {
  return operations.flatMap((operation) =>
    strategies
      .filter((strategy) => strategy.fits(env, operation))
      .map((strategy) => ({ strategy, operation })),
  );
}

/** All goals, each once: those of more weight first, in any order among their like. */
export function ordered(goals: readonly Goal[], random: Random): readonly Goal[] {
  return random.shuffled(goals).toSorted((a, b) => b.strategy.weight - a.strategy.weight);
}

/** One goal at random, by weight; what never succeeded is seldom worth it. */
export function drawGoal(goals: readonly Goal[], recipes: Recipes, random: Random): Goal | undefined {
  const weights = goals.map(
    ({ strategy, operation }) => strategy.weight * (recipes.has(operation.id) ? 1 : 0.1),
  );
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return goals[index];
  }
  return goals.at(-1);
}
