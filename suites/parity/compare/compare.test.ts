import { join } from "node:path";
import { expect, test } from "vitest";
import { bundledModel, loadSpecs, operationById } from "../../../openapi/model/index.ts";
import type { Reply } from "../engine/http.ts";
import { readJson } from "../engine/http.ts";
import { Side } from "../engine/side.ts";
import { compareReplies, type StepComparison } from "./reply.ts";
import { decimal, type Triple } from "./scalar.ts";
import { SortKeys } from "./sort-keys.ts";

const model = loadSpecs([join(import.meta.dirname, "../../../openapi/fixtures/shop.yaml")]);
const operation = operationById(model, "createItem");
const list = operationById(model, "listItems");

function sides(): Triple<Side> {
  const side = (role: "baseline" | "candidate"): Side =>
    new Side(
      {
        name: role,
        role,
        url: "http://127.0.0.1:1",
        http: { send: () => Promise.reject(new Error("no network")), close: () => Promise.resolve() },
      },
      { openAccount: () => Promise.resolve({ headers: {} }) },
    );
  return [side("baseline"), side("baseline"), side("candidate")];
}

const NOW = Date.parse("2026-01-31T12:00:00.000Z");

function reply(body: string, more: Partial<Reply> = {}): Reply {
  return {
    request: { method: "POST", path: "/items", headers: {} },
    status: 201,
    headers: { "content-type": "application/json", etag: '"1"' },
    text: body,
    body: readJson(body),
    sentAt: NOW,
    doneAt: NOW + 10,
    ...more,
  };
}

function compared(
  bodies: Triple<string>,
  own = sides(),
  step = 1,
  of = operation,
  keys = new SortKeys(),
): StepComparison {
  return compareReplies(
    model,
    of,
    step,
    bodies.map((body) => reply(body, of === list ? { status: 200 } : {})) as unknown as Triple<Reply>,
    own,
    NOW - 1000,
    keys,
  );
}

const kinds = (found: StepComparison): readonly string[] =>
  found.differences.map(({ kind, path }) => `${kind} ${path}`);

test("ids that differ are bound; one that names another thing later is a difference", () => {
  const own = sides();
  expect(kinds(compared(['{"id":"i1"}', '{"id":"i2"}', '{"id":"x9"}'], own, 1))).toEqual([]);
  expect(kinds(compared(['{"id":"i3"}', '{"id":"i4"}', '{"id":"x8"}'], own, 2))).toEqual([]);
  expect(
    kinds(compared(['{"part":{"id":"i1"}}', '{"part":{"id":"i2"}}', '{"part":{"id":"x9"}}'], own, 3)),
  ).toEqual([]);
  expect(
    kinds(compared(['{"part":{"id":"i1"}}', '{"part":{"id":"i2"}}', '{"part":{"id":"x8"}}'], own, 4))[0],
  ).toBe("reference /part/id");
});

test("what the baseline says twice alike has to be said by the candidate", () => {
  expect(kinds(compared(['{"name":" a "}', '{"name":" a "}', '{"name":"a"}']))).toEqual(["value /name"]);
  expect(kinds(compared(['{"name":"a"}', '{"name":"a"}', "{}"]))).toEqual(["presence /name"]);
  expect(kinds(compared(['{"name":null}', '{"name":null}', "{}"]))).toEqual(["presence /name"]);
  expect(kinds(compared(['{"count":1}', '{"count":1}', '{"count":"1"}']))).toEqual(["type /count"]);
});

test("noise hides values, and neither types nor presence", () => {
  const found = compared(['{"count":17}', '{"count":23}', '{"count":99}']);
  expect(kinds(found)).toEqual([]);
  expect(found.noise).toEqual(["/count"]);
  expect(kinds(compared(['{"count":17}', '{"count":23}', '{"count":"99"}']))).toEqual(["type /count"]);
});

test("numbers are compared without loss", () => {
  expect(
    kinds(
      compared(['{"count":9007199254740993}', '{"count":9007199254740993}', '{"count":9007199254740992}']),
    ),
  ).toEqual(["value /count"]);
  expect(kinds(compared(['{"count":10.10}', '{"count":10.10}', '{"count":10.1}']))).toEqual([]);
  expect(["1.50", "15e-1", "-0.0", "100", "1E2", "0.000"].map(decimal)).toEqual([
    "1.5",
    "1.5",
    "0",
    "100",
    "100",
    "0",
  ]);
});

test("an instant of the present is known by its step, another one has to be the same", () => {
  const at = (iso: string): string => `{"since":"${iso}"}`;
  const own = sides();
  expect(
    kinds(
      compared(
        [at("2026-01-31T12:00:00.001Z"), at("2026-01-31T12:00:00.003Z"), at("2026-01-31T12:00:00.009Z")],
        own,
      ),
    ),
  ).toEqual([]);
  const later = compareReplies(
    model,
    operation,
    2,
    [at("2026-01-31T12:00:00.001Z"), at("2026-01-31T12:00:00.003Z"), at("2026-01-31T12:00:05.000Z")].map(
      (body) => reply(body, { sentAt: NOW + 4000, doneAt: NOW + 5000 }),
    ) as unknown as Triple<Reply>,
    own,
    NOW - 1000,
  );
  // The candidate has moved what the baseline has kept.
  expect(kinds(later)).toEqual(["instant /since"]);
  expect(
    kinds(compared([at("2020-02-29T00:00:00Z"), at("2020-02-29T00:00:00Z"), at("2020-03-01T00:00:00Z")])),
  ).toEqual(["instant /since"]);
  expect(
    kinds(
      compared([at("2020-02-29T00:00:00Z"), at("2020-02-29T00:00:00Z"), at("2020-02-29T01:00:00+01:00")]),
    ),
  ).toEqual([]);
});

test("a clock of whole seconds that turned between two sides is no difference; one that stood still is", () => {
  const seen = (step: number, sentAt: number, seconds: Triple<number>, own: Triple<Side>) =>
    kinds(
      compareReplies(
        model,
        operation,
        step,
        seconds.map((second) =>
          reply(`{"since":"2026-01-31T12:00:0${second}Z"}`, { sentAt, doneAt: sentAt + 10 }),
        ) as unknown as Triple<Reply>,
        own,
        NOW - 1000,
      ),
    );
  for (const [created, changed, found] of [
    [[0, 0, 1], [1, 1, 1], []],
    [[0, 0, 0], [1, 1, 0], ["instant /since"]],
  ] as const) {
    const own = sides();
    expect(seen(1, NOW + 995, created, own)).toEqual([]);
    expect(seen(2, NOW + 1050, changed, own)).toEqual(found);
  }
});

test("a list is compared by what is in it, then by its order", () => {
  const items = (...names: string[]): string =>
    JSON.stringify(names.map((name) => ({ id: `i${name}`, name })));
  expect(kinds(compared([items("1", "2"), items("1", "2"), items("2", "1")], sides(), 1, list))).toEqual([
    "value /*/id",
    "value /*/name",
    "value /*/id",
    "value /*/name",
  ]);
  const own = sides();
  compared([items("1", "2"), items("3", "4"), items("5", "6")], own, 1, list);
  expect(kinds(compared([items("1", "2"), items("3", "4"), items("6", "5")], own, 2, list))[0]).toBe(
    "order ",
  );
  expect(kinds(compared([items("1", "2"), items("3", "4"), items("5")], own, 3, list))[0]).toBe("items ");
});

test("where the baseline's own two lists disagree an order is chance, and nowhere else", () => {
  const items = (...ids: string[]): string => JSON.stringify(ids.map((id) => ({ id, name: "x" })));
  const own = sides();
  compared([items("a1", "a2", "a3"), items("b1", "b2", "b3"), items("c1", "c2", "c3")], own, 1, list);
  const tied = compared(
    [items("a1", "a2", "a3"), items("b2", "b1", "b3"), items("c2", "c1", "c3")],
    own,
    2,
    list,
  );
  expect(kinds(tied)).toEqual([]);
  expect(tied.noise).toContain("");
  const beside = compared(
    [items("a1", "a2", "a3"), items("b2", "b1", "b3"), items("c3", "c1", "c2")],
    own,
    3,
    list,
  );
  expect(kinds(beside)).toEqual(["order "]);
});

test("items that are equal in what the list is sorted by stand in any order, others do not", () => {
  const items = (...all: readonly (readonly [id: string, rank: number])[]): string =>
    JSON.stringify(all.map(([id, rank]) => ({ id, rank })));
  const own = sides();
  const keys = new SortKeys();
  const seen = (bodies: Triple<string>, step: number): readonly string[] =>
    kinds(compared(bodies, own, step, list, keys));
  // Ids in no order, so that they are no sort key themselves.
  const twins = [items(["a2", 1], ["a1", 1], ["a3", 2]), items(["b2", 1], ["b1", 1], ["b3", 2])] as const;
  expect(seen([...twins, items(["c2", 1], ["c1", 1], ["c3", 2])], 1)).toEqual([]);
  expect(seen([...twins, items(["c1", 1], ["c2", 1], ["c3", 2])], 2)).toEqual([]);
  expect(seen([...twins, items(["c2", 1], ["c3", 2], ["c1", 1])], 3)).toEqual(["order "]);
});

test("an ETag tells whether the thing has changed, by whatever it is made of", () => {
  const own = sides();
  const tagged = (step: number, tags: Triple<string>): readonly string[] =>
    kinds(
      compareReplies(
        model,
        operation,
        step,
        tags.map((etag) =>
          reply('{"id":"i1"}', { headers: { "content-type": "application/json", etag } }),
        ) as unknown as Triple<Reply>,
        own,
        NOW - 1000,
      ),
    );
  expect(tagged(1, ['"1"', '"1"', '"abc"'])).toEqual([]);
  expect(tagged(2, ['"2"', '"2"', '"def"'])).toEqual([]);
  expect(tagged(3, ['"2"', '"2"', '"ghi"'])).toEqual(["header header etag"]);
});

test("a status is a difference; where the baseline is of two minds nothing is proven", () => {
  const statuses = (all: Triple<number>): StepComparison =>
    compareReplies(
      model,
      operation,
      1,
      all.map((status) => reply("{}", { status })) as unknown as Triple<Reply>,
      sides(),
      NOW,
    );
  expect(kinds(statuses([201, 201, 422]))).toEqual(["status "]);
  expect(statuses([201, 422, 422]).unstable).toBe(true);
  expect(statuses([201, 201, 201]).differences).toEqual([]);
});

test("what stands beside a reference says whether a list is ordered, whatever the schema says that it refers to", () => {
  const bundled = bundledModel();
  // "Sorted." beside a schema that takes events "in any order".
  const webhook = operationById(bundled, "getWebhook");
  const replies = [
    ["invoice.failed", "invoice.paid"],
    ["invoice.failed", "invoice.paid"],
    ["invoice.paid", "invoice.failed"],
  ].map((events) => reply(JSON.stringify({ events }), { status: 200 })) as unknown as Triple<Reply>;
  expect(kinds(compareReplies(bundled, webhook, 1, replies, sides(), NOW - 1000))).toEqual(["order /events"]);
});
