import { expect, test } from "vitest";
import { bundledModel } from "../../../openapi/model/index.ts";
import type { Environment } from "../engine/environment.ts";
import type { Reply } from "../engine/http.ts";
import type { Step } from "../engine/step.ts";
import { idMap } from "../model/ids.ts";
import { Random } from "../random.ts";
import { aimAt, instantsOf } from "./aim.ts";
import { requestFor } from "./request.ts";
import { World } from "./world.ts";

const model = bundledModel();
const env = {
  model,
  ids: idMap(model),
  userFile: {},
  operations: model.operations,
} as unknown as Environment;
const at = "2026-02-03T08:15:00.000Z";

/** A sequence that has recorded one usage event. */
function worldWithAnEvent(): World {
  const world = new World(env, { subscriptionId: "sub_1" });
  const body = { eventId: "e1", subscriptionId: "sub_1", meter: "rides", quantity: "2", occurredAt: at };
  const step: Step = {
    id: world.nextId(),
    operation: "recordUsage",
    who: "owner",
    path: {},
    query: {},
    headers: {},
    body,
  };
  const reply = { status: 201, headers: {}, body: { id: "usg_1", ...body } } as unknown as Reply;
  world.learn(step, reply, reply);
  return world;
}

const summary = model.byId.get("getUsageSummary");
if (summary === undefined) throw new Error("there is no such operation");

test("a query is aimed at what a thing says of itself: its values, and ranges that its instant bounds or lies in", () => {
  const world = worldWithAnEvent();
  const event = world.of("/usage/events/{}").at(-1);
  if (event === undefined) throw new Error("the event was not learnt");
  const aim = aimAt(world, event);
  expect(instantsOf(aim)).toEqual([Date.parse(at)]);
  const random = new Random(3, "aim");
  const queries = Array.from({ length: 200 }, () => requestFor(world, random, summary, { aim })?.query ?? {});
  expect(queries.filter(({ meter }) => meter === "rides").length).toBeGreaterThan(150);
  const ranges = queries.map(({ from, to }) => [Date.parse(String(from)), Date.parse(String(to))] as const);
  expect(ranges.every(([from, to]) => from <= to)).toBe(true);
  const instant = Date.parse(at);
  for (const shows of [
    ([from, to]: readonly [number, number]) => from === instant && to > instant,
    ([from, to]: readonly [number, number]) => from < instant && to === instant,
    ([from, to]: readonly [number, number]) => from < instant && to > instant,
  ])
    expect(ranges.filter(shows).length).toBeGreaterThan(15);
});

test("a question about a thing is mostly aimed at what names that thing", () => {
  const world = worldWithAnEvent();
  const far = { eventId: "e2", subscriptionId: "sub_2", meter: "seats", quantity: "1", occurredAt: at };
  const step: Step = {
    id: world.nextId(),
    operation: "recordUsage",
    who: "owner",
    path: {},
    query: {},
    headers: {},
    body: far,
  };
  const reply = { status: 201, headers: {}, body: { id: "usg_2", ...far } } as unknown as Reply;
  world.learn(step, reply, reply);
  const one = world.things.find(({ raw }) => raw === "sub_1");
  if (one === undefined) throw new Error("the subscription was not learnt");
  const random = new Random(5, "near");
  const meters = Array.from(
    { length: 200 },
    () => requestFor(world, random, summary, { about: new Map([[one.kind, one]]) })?.query.meter,
  );
  const share = (meter: string): number => meters.filter((each) => each === meter).length;
  expect(share("rides")).toBeGreaterThan(2 * share("seats"));
});
