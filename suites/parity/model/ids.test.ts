import { join } from "node:path";
import { expect, test } from "vitest";
import { bundledModel, loadSpecs } from "../../../openapi/model/index.ts";
import { idMap } from "./ids.ts";
import { linksOf } from "./links.ts";
import { pagingOf } from "./paging.ts";

const bundled = idMap(bundledModel());
const shelf = loadSpecs([join(import.meta.dirname, "../fixtures/shelf/openapi.yaml")]);
const kiosk = loadSpecs([join(import.meta.dirname, "../fixtures/kiosk/openapi.yaml")]);

test("what creates an id is found for every id that an operation takes", () => {
  for (const model of [bundledModel(), shelf, kiosk]) {
    const ids = idMap(model);
    const created = new Set([...ids.values()].flatMap(({ creates }) => creates ?? []));
    const wanted = [...ids.values()].flatMap((one) => [
      ...one.path.values(),
      ...one.query.values(),
      ...one.body.values(),
    ]);
    expect([...new Set(wanted)].filter((kind) => !created.has(kind))).toEqual([]);
  }
});

test("an action creates nothing, and an id under a name of its own is known by its schema", () => {
  expect(bundled.get("finalizeInvoice")?.creates).toBeUndefined();
  expect(bundled.get("refundPayment")?.creates).toBe("/refunds/{}");
  expect(bundled.get("createAccount")?.gives.get("/owner/id")).toBe("/accounts/{}/members/{}");
  // The client's own name of an event is no id of the server's.
  expect(bundled.get("recordUsage")?.body.has("/eventId")).toBe(false);
  expect(bundled.get("listDeliveries")?.gives.get("/items/*/id")).toBeUndefined();
});

test("ids in lists, and ids of the same kind as the thing itself, are ids", () => {
  expect(idMap(kiosk).get("addCollection")?.body.get("/assetIds/*")).toBe("/assets/{}");
  expect(idMap(shelf).get("POST /folders")?.creates).toBe("/folders/{}");
});

test("links lead into other documents, by reference and into bodies", () => {
  expect(linksOf(bundledModel())).toContainEqual({
    from: "createPlan",
    to: "createSubscription",
    pointer: "/id",
    parameter: "",
    body: "/planId",
  });
  expect(linksOf(bundledModel())).toContainEqual({
    from: "createSubscription",
    to: "listInvoices",
    pointer: "/id",
    parameter: "subscriptionId",
    body: undefined,
  });
});

test("a list is paged by cursor, offset or page", () => {
  const paging = (model: typeof shelf, id: string) => pagingOf(model, model.byId.get(id) as never);
  expect(paging(bundledModel(), "listPlans")).toEqual({
    limit: "limit",
    from: "cursor",
    by: "cursor",
    next: "/nextCursor",
  });
  expect(paging(shelf, "GET /folders")?.by).toBe("offset");
  expect(paging(shelf, "GET /folders/{folder_id}/notes")?.by).toBe("page");
  expect(paging(kiosk, "listAssets")).toMatchObject({ from: "after", by: "cursor", next: undefined });
});
