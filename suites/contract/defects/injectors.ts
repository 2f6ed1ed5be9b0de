import { randomUUID } from "node:crypto";
import {
  changeSuccess,
  editAt,
  type Injector,
  jsonOf,
  mapJson,
  type Received,
  type Sent,
  withHeader,
  withJson,
} from "../../proxy/exchange.ts";
import { ownKey } from "../../proxy/owners.ts";
import { halfUp, type Priced, reprice } from "../../proxy/pricing.ts";
import type { Fault } from "./fault.ts";
import type { Memory } from "./memory.ts";
import { otherValue } from "./wrong-values.ts";

type Kind = Fault["kind"];
type Of<K extends Kind> = Extract<Fault, { readonly kind: K }>;
type Makers = { readonly [K in Kind]: (fault: Of<K>, memory: Memory) => Injector };

/** The code that makes a fault happen. One injector belongs to one defective target. */
export function injectorOf(fault: Fault, memory: Memory): Injector {
  return (makers[fault.kind] as (fault: Fault, memory: Memory) => Injector)(fault, memory);
}

/** Hands the request on and changes its reply. */
const reply =
  (change: (received: Received, sent: Sent) => Received): Injector =>
  async (sent, forward) =>
    change(await forward(sent), sent);
/** Changes the request and hands it on. */
const request =
  (change: (sent: Sent) => Sent): Injector =>
  (sent, forward) =>
    forward(change(sent));
/** Where the target refuses with a status, tries again in a way that it accepts. */
const retry =
  (status: number, mend: (sent: Sent, received: Received) => Sent | undefined): Injector =>
  async (sent, forward) => {
    const received = await forward(sent);
    const mended = received.status === status ? mend(sent, received) : undefined;
    return mended === undefined ? received : forward(mended);
  };
const inBody = (edit: (body: unknown) => unknown): Injector =>
  reply((received) => changeSuccess(received, edit));
const withKey = (sent: Sent, key: string | undefined): Sent | undefined =>
  key === undefined ? undefined : withHeader(sent, "authorization", `Bearer ${key}`);
const query = (sent: Sent, change: (search: URLSearchParams) => void): Sent => {
  const [path, text = ""] = sent.url.split("?");
  const search = new URLSearchParams(text);
  change(search);
  return { ...sent, url: search.size === 0 ? (path ?? "") : `${path}?${search}` };
};
const items = (change: (list: unknown[]) => unknown[]): Injector =>
  inBody((body) => {
    const page = body as { items?: unknown[] };
    return page.items === undefined ? body : { ...page, items: change(page.items) };
  });
const inProblem = (
  applies: (received: Received) => boolean,
  change: (problem: Record<string, unknown>) => Record<string, unknown>,
): Injector =>
  reply((received) => {
    const problem = applies(received) ? jsonOf(received) : undefined;
    return problem === undefined ? received : withJson(received, change(problem as Record<string, unknown>));
  });
type Pointed = { pointer?: string }[] | undefined;
const errorsOf = (received: Received): Pointed =>
  (jsonOf(received) as { errors?: Pointed } | undefined)?.errors;

const makers: Makers = {
  "drop-property": ({ pointer }) =>
    inBody((body) =>
      editAt(body, pointer, (holder, name) => {
        delete holder[name];
      }),
    ),
  "null-property": ({ pointer }) =>
    inBody((body) =>
      editAt(body, pointer, (holder, name) => {
        if (name in holder) holder[name] = null;
      }),
    ),
  "extra-property": ({ pointer }) =>
    inBody((body) =>
      editAt(body, `${pointer}/passwordHash`, (holder, name) => {
        if (!Array.isArray(holder)) holder[name] = "5f4dcc3b5aa765d61d8327deb882cf99";
      }),
    ),
  "other-value": (fault) =>
    inBody((body) =>
      editAt(body, fault.pointer, (holder, name) => {
        if (name === "*")
          for (const index of Object.keys(holder)) holder[index] = otherValue(holder[index], fault);
        else if (name in holder) holder[name] = otherValue(holder[name], fault);
      }),
    ),
  "lose-header": ({ header }) =>
    reply((received) => {
      const headers = { ...received.headers };
      delete headers[header];
      return { ...received, headers };
    }),
  "change-status": ({ from, to }) =>
    reply((received) => (received.status === from ? { ...received, status: to } : received)),
  "reverse-items": () => items((list) => list.toReversed()),
  "skip-last-item": () => items((list) => (list.length > 1 ? list.slice(0, -1) : list)),
  "repeat-item": () => items((list) => list.flatMap((item, index) => (index === 0 ? [item, item] : [item]))),
  "end-early": () => inBody((body) => ({ ...(body as object), nextCursor: undefined })),
  "ignore-query": ({ parameter }) => request((sent) => query(sent, (search) => search.delete(parameter))),
  "shift-query-time": ({ parameter, ms }) =>
    request((sent) =>
      query(sent, (search) => {
        const at = Date.parse(search.get(parameter) ?? "");
        if (!Number.isNaN(at)) search.set(parameter, new Date(at + ms).toISOString());
      }),
    ),
  "forget-idempotency-key": () =>
    request((sent) =>
      sent.headers["idempotency-key"] === undefined
        ? sent
        : withHeader(sent, "idempotency-key", randomUUID()),
    ),
  "replay-any-body": () => {
    const kept = new Map<string, Received>();
    return async (sent, forward) => {
      const key = `${ownKey(sent)} ${sent.headers["idempotency-key"]}`;
      const first = kept.get(key);
      if (first !== undefined)
        return { ...first, headers: { ...first.headers, "idempotency-replayed": "true" } };
      const received = await forward(sent);
      if (received.status < 300) kept.set(key, received);
      return received;
    };
  },
  "lose-replay-marker": () =>
    makers["lose-header"]({ kind: "lose-header", header: "idempotency-replayed" }, none),
  "foreign-access": (_, memory) => retry(404, (sent) => withKey(sent, memory.ownerOfPath(sent))),
  "ignore-missing-key": (_, memory) =>
    retry(401, (sent) => withKey(sent, memory.ownerOfPath(sent) ?? memory.lastOwnerKey)),
  "ignore-scope": (_, memory) => retry(403, (sent) => withKey(sent, memory.ownerKeyOf(ownKey(sent)))),
  "ignore-stale-etag": () => retry(412, (sent) => withHeader(sent, "if-match", "*")),
  "ignore-missing-etag": () => retry(428, (sent) => withHeader(sent, "if-match", "*")),
  "constant-etag": () => (sent, forward) =>
    makeEtags(
      () => '"1"',
      (tag) => (tag === '"1"' ? "*" : tag),
    )(sent, forward),
  "weak-etag": () =>
    makeEtags(
      (tag) => `W/${tag}`,
      (tag) => tag.replace(/^W\//, ""),
    ),
  "fresh-etag": () => {
    const real = new Map<string, string>();
    return makeEtags(
      (tag) => {
        const fresh = `"${randomUUID()}"`;
        real.set(fresh, tag);
        return fresh;
      },
      (tag) => real.get(tag) ?? tag,
    );
  },
  "allow-conflict": (_, memory) =>
    reply((received, sent) => (received.status === 409 ? (memory.successLike(sent) ?? received) : received)),
  "allow-invalid": ({ pointer }, memory) =>
    reply((received, sent) => {
      const bad = received.status === 422 ? errorsOf(received) : undefined;
      const here = bad?.some((one) => one.pointer === pointer || one.pointer?.startsWith(`${pointer}/`));
      return here === true ? (memory.successLike(sent) ?? received) : received;
    }),
  "allow-media-type": () =>
    retry(415, (sent) =>
      withHeader(
        sent,
        "content-type",
        sent.method === "PATCH" ? "application/merge-patch+json" : "application/json",
      ),
    ),
  "trim-strings": () => changeRequest((leaf) => (typeof leaf === "string" ? leaf.trim() : leaf)),
  "ignore-null": () => changeRequest((leaf) => (leaf === null ? undefined : leaf)),
  "half-up": () => inBody((body) => reprice(body as Priced, halfUp)),
  "problem-type": ({ status }) =>
    inProblem(
      (received) => received.status === status,
      (problem) => ({
        ...problem,
        type: String(problem.type).replace(/[a-z-]+$/, (slug) =>
          slug === "conflict" ? "forbidden" : "conflict",
        ),
      }),
    ),
  "problem-pointer": () =>
    inProblem(
      (received) => received.status === 422 && errorsOf(received) !== undefined,
      (problem) => ({
        ...problem,
        errors: (problem.errors as object[]).map((one) => ({ ...one, pointer: "" })),
      }),
    ),
  "first-error-only": () =>
    inProblem(
      (received) => received.status === 422 && errorsOf(received) !== undefined,
      (problem) => ({ ...problem, errors: (problem.errors as object[]).slice(0, 1) }),
    ),
  "problem-media-type": ({ status }) =>
    reply((received) =>
      received.status === status
        ? { ...received, headers: { ...received.headers, "content-type": "application/json" } }
        : received,
    ),
  "stale-read": (_, memory) => {
    const seen = new Map<string, { writes: number; received: Received }>();
    return async (sent, forward) => {
      const key = `${ownKey(sent)} ${sent.url}`;
      const before = seen.get(key);
      const writes = memory.writesOf(ownKey(sent));
      const received = await forward(sent);
      if (received.status < 300) seen.set(key, { writes, received });
      return before !== undefined && before.writes < writes ? before.received : received;
    };
  },
  "frozen-read": () => {
    const first = new Map<string, Received>();
    return async (sent, forward) => {
      const key = `${ownKey(sent)} ${sent.url}`;
      const received = first.get(key) ?? (await forward(sent));
      if (received.status < 300) first.set(key, received);
      return received;
    };
  },
  "ignore-delete": () => async (sent, forward) => {
    // Only a resource that is there is "deleted"; the rest is refused as it should be.
    const check = await forward({ ...sent, headers: { ...sent.headers, authorization: "" } });
    return ownKey(sent) === undefined ? check : { status: 204, headers: {}, body: Buffer.alloc(0) };
  },
  "double-effect": () => async (sent, forward) => {
    await forward(sent);
    return forward(sent);
  },
};

/** For injectors that need no memory. */
const none = undefined as unknown as Memory;

function changeRequest(change: (leaf: unknown) => unknown): Injector {
  return request((sent) => {
    const body = jsonOf(sent);
    return body === undefined ? sent : withJson(sent, mapJson(body, change));
  });
}

/** Shows other entity tags than the target has, and takes them back. */
function makeEtags(show: (tag: string) => string, take: (tag: string) => string): Injector {
  return async (sent, forward) => {
    const asked = sent.headers["if-match"];
    const received = await forward(asked === undefined ? sent : withHeader(sent, "if-match", take(asked)));
    const tag = received.headers.etag;
    return tag === undefined
      ? received
      : { ...received, headers: { ...received.headers, etag: show(String(tag)) } };
  };
}
