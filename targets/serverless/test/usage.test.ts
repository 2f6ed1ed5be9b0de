import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import { startsAt, usage, type World, world } from "./billing.ts";
import { named, newKey, slug } from "./client.ts";

let aws: LocalAws;
let acme: World;
beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  acme = await world(aws.gatewayUrl);
});
afterAll(() => aws?.close());

const record = (more: object = {}) =>
  acme.send("POST", "/usage/events", { body: usage(acme.subscriptionId, more) });

describe("recordUsage", () => {
  test("first 201, the same again 200, another body 409, and it can be read", async () => {
    const body = usage(acme.subscriptionId, { quantity: "12.50", occurredAt: "2026-02-03T01:00:00+01:00" });
    const first = await acme.send("POST", "/usage/events", { body });
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      ...body,
      id: expect.stringMatching(/^usg_/),
      quantity: "12.5",
      occurredAt: "2026-02-03T00:00:00.000Z",
      createdAt: expect.any(String),
    });
    expect(first.headers.get("location")).toBe(`/usage/events/${first.body.id}`);
    const again = await acme.send("POST", "/usage/events", { body: { ...body, quantity: "12.500000" } });
    expect([again.status, again.body]).toEqual([200, first.body]);
    const other = await acme.send("POST", "/usage/events", { body: { ...body, quantity: "12.51" } });
    expect([other.status, slug(other)]).toEqual([409, "conflict"]);
    expect((await acme.send("GET", `/usage/events/${first.body.id}`)).body).toEqual(first.body);
  });

  test("every bad field is named", async () => {
    const answer = await record({
      eventId: "a b",
      meter: "Calls",
      quantity: "1.",
      occurredAt: "2026-02-30T00:00:00Z",
      x: 1,
    });
    expect([answer.status, named(answer)]).toEqual([
      422,
      ["/eventId", "/meter", "/occurredAt", "/quantity", "/x"],
    ]);
    expect(named(await record({ subscriptionId: "sub_none" }))).toEqual(["/subscriptionId"]);
    expect(named(await record({ occurredAt: "2026-01-31T09:29:59.999Z" }))).toEqual(["/occurredAt"]);
    expect((await record({ occurredAt: startsAt })).status).toBe(201);
  });

  test("of the same event sent many times at once exactly one is the first", async () => {
    const body = usage(acme.subscriptionId);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => acme.send("POST", "/usage/events", { body })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map((each) => each.body.id)).size).toBe(1);
  });

  test("of different events under one eventId at once exactly one wins", async () => {
    const body = usage(acme.subscriptionId);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        acme.send("POST", "/usage/events", { body: { ...body, quantity: `${i}` } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test("a canceled subscription takes no new event, and still knows the old", async () => {
    const other = await world(aws.gatewayUrl);
    const body = usage(other.subscriptionId);
    await other.must(201, "POST", "/usage/events", { body });
    await other.must(200, "POST", `/subscriptions/${other.subscriptionId}/cancel`, { body: { mode: "now" } });
    await other.must(200, "POST", "/usage/events", { body });
    await other.must(409, "POST", "/usage/events", { body: usage(other.subscriptionId) });
  });
});

describe("recordUsageBatch", () => {
  const batch = (events: unknown) => acme.send("POST", "/usage/events/batch", { body: { events } });

  test("judges each item after those before it", async () => {
    const [a, b] = [usage(acme.subscriptionId), usage(acme.subscriptionId)];
    await acme.must(201, "POST", "/usage/events", { body: a });
    const answer = await batch([
      a,
      b,
      { ...b, quantity: "1.0" },
      { ...b, quantity: "2" },
      { ...b, quantity: "-1", "\0": 1 },
      {},
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.items.map((item: { status: string }) => item.status)).toEqual([
      "duplicate",
      "recorded",
      "duplicate",
      "rejected",
      "rejected",
      "rejected",
    ]);
    expect(answer.body.items.map((item: { index: number }) => item.index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(answer.body.items[2].event).toEqual(answer.body.items[1].event);
    expect(answer.body.items[3].problem).toMatchObject({ status: 409 });
    expect(answer.body.items[4].problem.errors.map((e: { pointer: string }) => e.pointer).sort()).toEqual([
      "/\0",
      "/quantity",
    ]);
  });

  test("a hundred at once, many subscriptions asked for", async () => {
    const events = Array.from({ length: 100 }, (_, i) =>
      usage(i < 50 ? acme.subscriptionId : `sub_none${i}`, { occurredAt: "2027-01-01T00:00:00Z" }),
    );
    const { body } = await batch(events);
    const statuses = body.items.map((item: { status: string }) => item.status);
    expect(statuses).toEqual([...Array(50).fill("recorded"), ...Array(50).fill("rejected")]);
  });

  test("two equal batches at once record each event once", async () => {
    const events = Array.from({ length: 20 }, () =>
      usage(acme.subscriptionId, { occurredAt: "2027-02-01T00:00:00Z" }),
    );
    const answers = await Promise.all([batch(events), batch(events), batch(events.slice(5, 15))]);
    const statuses = answers.flatMap(({ body }) => body.items.map((item: { status: string }) => item.status));
    expect(statuses.filter((status) => status === "recorded")).toHaveLength(20);
    expect(statuses.filter((status) => status === "duplicate")).toHaveLength(30);
  });

  test.each([
    [undefined, ["/events"]],
    [[], ["/events"]],
    [{}, ["/events"]],
    [Array(101).fill({}), ["/events"]],
    [
      [{}, 1, [], null],
      ["/events/1", "/events/2", "/events/3"],
    ],
  ])("%j is refused as a whole", async (events, pointers) => {
    const answer = await batch(events);
    expect([answer.status, named(answer)]).toEqual([422, pointers]);
  });
});

describe("reading", () => {
  let lister: World;
  const ids: string[] = [];
  beforeAll(async () => {
    lister = await world(aws.gatewayUrl);
    const second = await lister.must(201, "POST", "/subscriptions", {
      body: { planId: lister.planId, startsAt },
      key: newKey(),
    });
    const events = [0, 1, 1, 2, 3, 4].map((minute, i) =>
      usage(i % 2 === 0 ? lister.subscriptionId : second.body.id, {
        meter: i < 4 ? "calls" : "other",
        quantity: `${10 ** i}`,
        occurredAt: `2026-02-01T00:0${minute}:00.000Z`,
      }),
    );
    const { body } = await lister.must(200, "POST", "/usage/events/batch", {
      body: { events: events.toReversed() },
    });
    const made = body.items.map((item: { event: { occurredAt: string; id: string } }) => item.event);
    const order = (event: { occurredAt: string; id: string }) => event.occurredAt + event.id;
    made.sort((a: typeof made, b: typeof made) => (order(a) < order(b) ? -1 : 1));
    ids.push(...made.map((event: { id: string }) => event.id));
  });
  const list = async (query: string) =>
    (await lister.must(200, "GET", `/usage/events?${query}`)).body.items.map(
      (event: { id: string }) => event.id,
    );

  test("in order, by page, and from to half open", async () => {
    expect(await list("")).toEqual(ids);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await lister.must(200, "GET", `/usage/events?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((event: { id: string }) => event.id));
      cursor = body.nextCursor ?? "";
    } while (cursor);
    expect(seen).toEqual(ids);
    expect(await list("from=2026-02-01T00:01:00Z&to=2026-02-01T00:03:00Z")).toEqual(ids.slice(1, 4));
    expect(await list("from=2026-02-01T00:01:00.001Z")).toEqual(ids.slice(3));
    expect(await list("to=2026-02-01T01:01:00%2B01:00")).toEqual(ids.slice(0, 1));
  });

  test("filters combine, and page exactly", async () => {
    expect(await list("meter=other")).toEqual(ids.slice(4));
    const own = await list(`subscriptionId=${lister.subscriptionId}`);
    expect(own).toHaveLength(3);
    const query = `subscriptionId=${lister.subscriptionId}&meter=calls&from=2026-02-01T00:00:00Z&to=2026-02-01T00:05:00Z`;
    expect(await list(query)).toEqual(own.slice(0, 2));
    const first = await lister.must(200, "GET", `/usage/events?${query}&limit=1`);
    const next = await lister.must(
      200,
      "GET",
      `/usage/events?${query}&limit=5&cursor=${first.body.nextCursor}`,
    );
    expect(next.body.items.map((event: { id: string }) => event.id)).toEqual(own.slice(1, 2));
    expect(next.body.nextCursor).toBeUndefined();
    expect(await list("subscriptionId=sub_none")).toEqual([]);
    expect(slug(await lister.send("GET", `/usage/events?cursor=${first.body.nextCursor}`))).toBe(
      "invalid-cursor",
    );
  });

  test.each([
    "from=2026-02-01T00:00:00Z&to=2026-02-01T00:00:00Z",
    "meter=",
    "limit=0",
    "subscriptionId=x",
    "from=yesterday",
  ])("%s is 400", async (query) =>
    expect((await lister.send("GET", `/usage/events?${query}`)).status).toBe(400),
  );

  test("a summary is exact, and a voided event is nowhere", async () => {
    const summary = (query: string) =>
      lister.send("GET", `/subscriptions/${lister.subscriptionId}/usage-summary?${query}`);
    const range = "from=2026-01-31T23:30:00Z&to=2026-02-01T01:00:00Z&granularity=hour";
    const { body } = await summary(`meter=calls&${range}`);
    expect(body).toEqual({
      subscriptionId: lister.subscriptionId,
      meter: "calls",
      granularity: "hour",
      from: "2026-01-31T23:30:00.000Z",
      to: "2026-02-01T01:00:00.000Z",
      buckets: [
        { start: "2026-01-31T23:00:00.000Z", end: "2026-02-01T00:00:00.000Z", quantity: "0", count: 0 },
        { start: "2026-02-01T00:00:00.000Z", end: "2026-02-01T01:00:00.000Z", quantity: "101", count: 2 },
      ],
      total: "101",
      count: 2,
    });
    const bad = [
      "meter=calls",
      `${range}`,
      `meter=calls&${range.replace("hour", "week")}`,
      "meter=calls&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&granularity=hour",
      "meter=calls&from=2026-01-01T00:00:00Z&to=2999-01-01T00:00:00Z&granularity=month",
    ];
    for (const query of bad) expect([query, (await summary(query)).status]).toEqual([query, 400]);
    expect(
      (await lister.send("GET", `/subscriptions/sub_none/usage-summary?meter=calls&${range}`)).status,
    ).toBe(404);

    const path = `/usage/events/${ids[0]}`;
    await lister.must(204, "DELETE", path);
    await lister.must(404, "DELETE", path);
    await lister.must(404, "GET", path);
    expect(await list("")).toEqual(ids.slice(1));
    expect((await summary(`meter=calls&${range}`)).body).toMatchObject({ total: "100", count: 1 });
    for (const id of ["usg_none", "number", "x", acme.id])
      await lister.must(404, "DELETE", `/usage/events/${id}`);
  });

  test("another account sees nothing of it", async () => {
    await acme.must(404, "GET", `/usage/events/${ids[1]}`);
    await acme.must(404, "DELETE", `/usage/events/${ids[1]}`);
    await lister.must(200, "GET", `/usage/events/${ids[1]}`);
  });
});
