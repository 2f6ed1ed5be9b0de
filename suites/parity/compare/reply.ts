import { essence } from "../../../openapi/conformance/content-type.ts";
import { type Operation, type OperationModel, responseFor } from "../../../openapi/model/index.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import type { Reply } from "../engine/http.ts";
import type { Side } from "../engine/side.ts";
import type { Difference, DifferenceKind } from "../result.ts";
import { compareBody, type Ledger } from "./body.ts";
import { compareScalar, knownName, type Place, type Triple } from "./scalar.ts";
import { SortKeys } from "./sort-keys.ts";

/** What comparing one step found. */
export interface StepComparison {
  /** The worst first; empty when the two agree. */
  readonly differences: readonly Difference[];
  /** Places where the baseline differs from itself. */
  readonly noise: readonly string[];
  /** The baseline's two accounts disagree on more than values: the step proves nothing. */
  readonly unstable: boolean;
}

/** Beside those that the documents name. */
const CHOSEN = ["location", "allow", "www-authenticate", "etag", "link"];
const PRESENCE_ONLY = new Set(["retry-after", "date", "age", "x-request-id", "etag"]);
const SLACK_MS = 2_000;

const RANK: readonly DifferenceKind[] = [
  "no-answer",
  "status",
  "content-type",
  "type",
  "presence",
  "items",
  "order",
  "reference",
  "value",
  "instant",
  "body",
  "header",
];

/**
 * Compares one step's replies by what the documents say they mean.
 * @param sortKeys what lists were seen to be sorted by, over all sequences; more is learnt here
 */
export function compareReplies(
  model: OperationModel,
  operation: Operation,
  step: number,
  replies: Triple<Reply>,
  sides: Triple<Side>,
  startedAt: number,
  sortKeys: SortKeys = new SortKeys(),
): StepComparison {
  const [a, again, b] = replies;
  const differences: Difference[] = [];
  const noise = new Set<string>();
  const ledger: Ledger = {
    differs(kind, path, baseline, candidate) {
      differences.push({ kind, path, baseline: show(baseline), candidate: show(candidate) });
    },
    noisy: (path) => noise.add(path),
  };
  if (a.failure !== undefined || again.failure !== undefined)
    return { differences, noise: [], unstable: true };
  if (b.failure !== undefined) {
    ledger.differs("no-answer", "", a.status, b.failure);
    return { differences, noise: [], unstable: false };
  }
  const unstable = a.status !== again.status;
  if (a.status !== b.status) {
    ledger.differs("status", "", statusOf(a), statusOf(b));
    return { differences, noise: [], unstable };
  }
  if (unstable) return { differences, noise: [], unstable };
  const types = replies.map((reply) =>
    essence(reply.headers["content-type"] ?? ""),
  ) as unknown as Triple<string>;
  if (types[0] !== types[2]) ledger.differs("content-type", "header content-type", types[0], types[2]);
  const now = Math.max(a.doneAt, again.doneAt, b.doneAt);
  const drift =
    Math.max(...replies.map(({ sentAt }) => sentAt)) - Math.min(...replies.map(({ sentAt }) => sentAt));
  const windows = replies.map(({ sentAt, doneAt }) => [sentAt, doneAt] as const) as unknown as Triple<
    readonly [number, number]
  >;
  const place = {
    step,
    from: startedAt - SLACK_MS,
    to: now + SLACK_MS,
    windows,
    toleranceMs: drift + SLACK_MS,
  };
  const response = responseFor(operation, a.status);
  const media = response?.media.find(({ type }) => essence(type) === types[0]) ?? response?.media[0];
  const error = a.status >= 400;
  if (replies.every((reply) => reply.body !== undefined))
    compareBody(
      { model, sides, place, ledger, error, operation: operation.id, sortKeys },
      replies.map(({ body }) => body) as unknown as Triple<unknown>,
      media?.schema,
    );
  else if (a.text !== b.text && (a.body === undefined) !== (b.body === undefined))
    ledger.differs("body", "", a.text.slice(0, 200), b.text.slice(0, 200));
  else if (a.text !== b.text && a.text === again.text)
    ledger.differs("body", "", a.text.slice(0, 200), b.text.slice(0, 200));
  for (const name of new Set([...(response?.headers ?? []).map((header) => header.name), ...CHOSEN]))
    compareHeader(name, step, replies, sides, ledger, place);
  differences.sort((x, y) => RANK.indexOf(x.kind) - RANK.indexOf(y.kind));
  return { differences, noise: [...noise], unstable: false };
}

function compareHeader(
  name: string,
  step: number,
  replies: Triple<Reply>,
  sides: Triple<Side>,
  ledger: Ledger,
  place: Omit<Place, "pointer" | "kind" | "dateTime">,
): void {
  const path = `header ${name}`;
  const [a, again, b] = replies.map(({ headers }) => headers[name]) as unknown as Triple<string | undefined>;
  if ((a === undefined) !== (b === undefined)) {
    if ((again === undefined) === (a === undefined)) ledger.differs("header", path, a, b);
    return;
  }
  if (a === undefined || b === undefined || again === undefined) return;
  if (name === "etag") {
    // Opaque: what it tells is whether the thing has changed since it was last seen.
    const seen = replies.map((reply, index) =>
      etagName(reply, sides[index] as Side, step),
    ) as unknown as Triple<string>;
    if (seen[0] !== seen[2] && seen[0] === seen[1])
      ledger.differs("header", path, `${a} (${seen[0]})`, `${b} (${seen[2]})`);
    return;
  }
  if (PRESENCE_ONLY.has(name)) return;
  if (name === "allow") {
    const set = (text: string): string =>
      text
        .split(",")
        .map((part) => part.trim().toUpperCase())
        .sort()
        .join(", ");
    if (set(a) !== set(b)) ledger.differs("header", path, a, b);
    return;
  }
  if (name === "www-authenticate") {
    const scheme = (text: string): string => text.split(" ")[0]?.toLowerCase() ?? "";
    if (scheme(a) !== scheme(b)) ledger.differs("header", path, a, b);
    return;
  }
  const outcome = compareScalar([a, again, b], sides, {
    ...place,
    pointer: `/${name}`,
    kind: name,
    dateTime: false,
  });
  if (outcome !== "same" && outcome !== "noise") ledger.differs("header", path, a, b);
}

/** When this state of the thing was first seen: "new", or the step of an earlier reply. */
function etagName(reply: Reply, side: Side, step: number): string {
  const key = `etag:${resourceOf(reply, side)}:${reply.headers.etag}`;
  const known = side.names.get(key);
  if (known === undefined) side.names.set(key, `first seen in step ${step}`);
  return side.names.get(key) ?? "";
}

/** What a reply is about: the name of the first id in it, else the path it was asked for. */
function resourceOf(reply: Reply, side: Side): string {
  const find = (value: unknown, depth: number): string | undefined => {
    if (!isRecord(value) || depth > 2) return undefined;
    for (const name of ["id", "uuid", "_id"])
      if (typeof value[name] === "string" || typeof value[name] === "number")
        return knownName(side, value[name], "id") ?? String(value[name]);
    for (const member of Object.values(value)) {
      const found = find(member, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(reply.body, 0) ?? reply.request.path;
}

/** The status, and for an error what kind it is. */
function statusOf(reply: Reply): string {
  const type =
    isRecord(reply.body) && reply.status >= 400
      ? (reply.body.type ?? reply.body.code ?? reply.body.error)
      : undefined;
  return typeof type === "string" ? `${reply.status} ${type}` : String(reply.status);
}

function show(value: unknown): string {
  if (typeof value === "symbol" || value === undefined) return "absent";
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
