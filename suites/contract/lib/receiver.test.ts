import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { Case } from "../case.ts";
import { checkArrival, openInbox, type Reaction } from "./receiver.ts";

/** The example at the head of webhooks.yaml. */
const SECRET = "whsec_Qm7Rk2Wx9Vc5Tb8Nd1Lz6Hj3Gf0Ds4Ya";
const BODY = '{"id":"evt_1","type":"invoice.paid"}';
const SIGNATURE = "t=1772272921,v1=dcb6cb1cf3abfc1c8bb60fa88761aec9a9d39de95a3b67e0e77356c09d0d28a7";

/** As much of a case as a receiver needs; what it finds stands in `found`. */
function fakeCase() {
  const found: string[] = [];
  const equal: Case["equal"] = (what, got, wanted) => {
    if (got !== wanted) found.push(what);
  };
  return { c: { target: { name: "none", url: "" }, equal } as unknown as Case, found };
}

async function post(url: string, text: string): Promise<number | "broken"> {
  const sent = request(url, { method: "POST" });
  sent.end(text);
  try {
    const [response] = await once(sent, "response");
    response.resume();
    return response.statusCode;
  } catch {
    return "broken";
  }
}

test("a webhook is told the public URL of a receiver, and reaches it below that URL's path", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, "close");
  const webhookReceiver = { host: "127.0.0.1", port, publicUrl: "https://tunnel.example/hooks/" };
  const c = { target: { name: "none", url: "", webhookReceiver } } as unknown as Case;
  const inbox = await openInbox(c);
  const [, path] = /^https:\/\/tunnel\.example(\/hooks\/[^/]+)$/.exec(inbox.url) ?? [];
  expect(await post(`http://127.0.0.1:${port}${path}`, "no event")).toBe(204);
  expect(inbox.arrivals).toHaveLength(1);
});

test("an inbox keeps what comes, and reacts to the nth attempt for an event", async () => {
  const reactions: Reaction[] = [500, "drop", { redirect: "http://127.0.0.1:1/" }, 204];
  const inbox = await openInbox(fakeCase().c, (_, attempt) => reactions[attempt - 1] ?? 200);
  const event = JSON.stringify({ id: "evt_1", type: "x", createdAt: "", data: { id: "inv_1" } });
  const got = [];
  for (const _ of reactions) got.push(await post(inbox.url, event));
  expect(got).toEqual([500, "broken", 302, 204]);
  expect(await post(inbox.url, "no event")).toBe(500);
  expect(inbox.of("evt_1").map(({ text }) => text)).toEqual([event, event, event, event]);
  expect(inbox.events().map(({ id }) => id)).toEqual(["evt_1", ""]);
});

test("inboxes are apart, and other paths lead nowhere", async () => {
  const { c } = fakeCase();
  const [one, other] = [await openInbox(c), await openInbox(c)];
  expect(await post(one.url, "{}")).toBe(204);
  expect(await post(new URL("/nope", one.url).href, "{}")).toBe(404);
  expect([one.arrivals.length, other.arrivals.length]).toEqual([1, 0]);
});

test("the signature of the documents' example holds, and no other", () => {
  const arrival = (signature: string, text = BODY) => ({
    ...{
      at: 1_772_272_921_500,
      method: "POST",
      text,
      event: { id: "", type: "x", createdAt: "", data: { id: "" } },
    },
    headers: { "content-type": "application/json", "webhook-signature": signature },
  });
  const judge = (one: ReturnType<typeof arrival>) => {
    const { c, found } = fakeCase();
    checkArrival(c, one, SECRET);
    return found;
  };
  expect(judge(arrival(SIGNATURE))).toEqual([]);
  expect(judge(arrival(SIGNATURE.replace("v1=d", "v1=e")))).toEqual(["delivery of x: webhook-signature"]);
  expect(judge(arrival(SIGNATURE, `${BODY} `))).toEqual(["delivery of x: webhook-signature"]);
  expect(judge({ ...arrival(SIGNATURE), at: 0 })).toEqual(["delivery of x: t is about now"]);
  expect(judge({ ...arrival(SIGNATURE), method: "PUT" })).toEqual(["delivery of x: method"]);
});
