import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledModel } from "../../../openapi/model/index.ts";
import { type Monolith, startMonolith } from "../../../targets/monolith/start.ts";
import { CONTEXTS } from "../../contract/plan.ts";
import { type BehaviouralDefect, readBehaviouralDefects } from "./catalogue.ts";
import { injectors } from "./injectors/index.ts";
import { startBehavingTarget } from "./target.ts";
import { accounts } from "./triggers/accounts.ts";
import { catalog } from "./triggers/catalog.ts";
import { invoices } from "./triggers/invoices.ts";
import { payments } from "./triggers/payments.ts";
import { subscriptions } from "./triggers/subscriptions.ts";
import { usage } from "./triggers/usage.ts";
import { webhooks } from "./triggers/webhooks.ts";
import { type Trigger, type Triggers, World } from "./triggers/world.ts";

const defects = readBehaviouralDefects();
const triggers: Triggers = {
  ...accounts,
  ...catalog,
  ...subscriptions,
  ...usage,
  ...invoices,
  ...payments,
  ...webhooks,
};

describe("the catalogue", () => {
  test("has at least 60 defects, each with its code and its script, some in every context", () => {
    const ids = defects.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(60);
    expect(ids).toEqual(ids.map((_, index) => `B${String(index + 1).padStart(2, "0")}`));
    expect(Object.keys(injectors).toSorted()).toEqual(ids);
    expect(Object.keys(triggers).toSorted()).toEqual(ids);
    for (const context of Object.keys(CONTEXTS)) {
      expect(defects.filter((defect) => defect.context === context).length, context).toBeGreaterThan(5);
    }
  });

  test("names operations that exist, and the code touches no other", () => {
    const known = new Set(bundledModel().byId.keys());
    for (const { id, operations, seenIn } of defects) {
      expect(
        [...operations, ...seenIn].filter((operation) => !known.has(operation)),
        id,
      ).toEqual([]);
      const touched = Object.keys(injectors[id]?.() ?? {}).filter((operation) => operation !== "*");
      expect(
        touched.filter((operation) => ![...operations, ...seenIn].includes(operation)),
        id,
      ).toEqual([]);
    }
  });
});

describe("a defect", () => {
  const model = bundledModel();
  let monolith: Monolith;
  beforeAll(async () => {
    monolith = await startMonolith();
  });
  afterAll(() => monolith.close());

  /** What the defect's script sees on the monolith behind the proxy; every answer must keep its schema. */
  async function seen(defect: BehaviouralDefect | undefined, { see }: Trigger): Promise<unknown> {
    const target = await startBehavingTarget(monolith.url, model, defect);
    try {
      const world = await new World(target.url, model).open();
      const what = await see(world);
      expect(world.breaches).toEqual([]);
      return what;
    } finally {
      await target.close();
    }
  }

  test.each(defects)("$id behaves otherwise and keeps every schema: $defect", async (defect) => {
    const trigger = triggers[defect.id] as Trigger;
    expect(await seen(undefined, trigger)).toEqual(trigger.right);
    expect(await seen(defect, trigger)).not.toEqual(trigger.right);
  });
});
