import { matchRoute, type OperationModel } from "../../../openapi/model/index.ts";
import { escapeToken } from "../../../openapi/model/pointer.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { readJson } from "../engine/http.ts";
import type { Step } from "../engine/step.ts";
import type { Symbolic, Template } from "../generate/template.ts";
import type { Recorded } from "./read.ts";

export interface ReplayPlan {
  readonly steps: readonly Step[];
  /** What is not replayed, by reason. */
  readonly left: Readonly<Record<string, number>>;
}

/** Headers that belong to the recorded connection or account, not to the request. */
const DROPPED =
  /^(authorization|cookie|host|connection|content-length|accept-encoding|user-agent|:.*|sec-.*|x-api-key|origin|referer|x-forwarded.*|content-type|accept|date)$/;

/**
 * Recorded requests as steps: whatever an earlier recorded reply has issued becomes a symbol, so that each side
 * gets its own. @param writes whether requests that change something are taken too
 */
export function replaySteps(
  model: OperationModel,
  traffic: readonly Recorded[],
  writes: boolean,
  prefix = "",
): ReplayPlan {
  const issued = new Map<string, Symbolic>();
  const left: Record<string, number> = {};
  const leave = (why: string): void => {
    left[why] = (left[why] ?? 0) + 1;
  };
  const steps: Step[] = [];
  for (const [index, recorded] of traffic.entries()) {
    const url =
      prefix !== "" && recorded.url.startsWith(prefix) ? recorded.url.slice(prefix.length) : recorded.url;
    const match = matchRoute(model, recorded.method, url);
    if (match.kind !== "operation") {
      leave("no operation of the documents");
      continue;
    }
    if (!writes && recorded.method !== "GET" && recorded.method !== "HEAD") {
      leave("a write (--writes takes it)");
      continue;
    }
    const id = index + 1;
    const bind = (value: string): Template => issued.get(value) ?? value;
    const json = recorded.body === undefined ? undefined : readJson(recorded.body);
    steps.push({
      id,
      operation: match.operation.id,
      who: "owner",
      path: Object.fromEntries(
        Object.entries(match.pathParameters).map(([name, value]) => [name, bind(value)]),
      ),
      query: Object.fromEntries(
        [...new URLSearchParams(url.split("?")[1] ?? "")].map(([name, value]) => [name, bind(value)]),
      ),
      headers: Object.fromEntries(
        Object.entries(recorded.headers)
          .filter(([name]) => !DROPPED.test(name))
          .map(([name, value]) => [name, bind(value)]),
      ),
      ...(json !== undefined && {
        body: bound(json as Template, issued),
        contentType: recorded.headers["content-type"] ?? "application/json",
      }),
    });
    remember(recorded, id, issued);
  }
  return { steps, left };
}

function bound(value: Template, issued: ReadonlyMap<string, Symbolic>): Template {
  if (typeof value === "string") return issued.get(value) ?? value;
  if (typeof value === "number") return issued.get(`number ${value}`) ?? value;
  if (Array.isArray(value)) return value.map((item: Template) => bound(item, issued));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, bound(member as Template, issued)]),
    );
  return value;
}

/** Values that only the server can have made up: ids, tags, cursors. What the request itself said is not among them. */
function remember({ body, url, reply }: Recorded, step: number, issued: Map<string, Symbolic>): void {
  const said = `${url} ${body ?? ""}`;
  const visit = (value: unknown, pointer: string, name: string): void => {
    if (Array.isArray(value))
      for (const [index, item] of value.entries()) visit(item, `${pointer}/${index}`, name);
    else if (isRecord(value))
      for (const [key, member] of Object.entries(value)) visit(member, `${pointer}/${escapeToken(key)}`, key);
    else if (
      typeof value === "string" &&
      value.length >= 4 &&
      /\d|[a-z][A-Z]|[_-]/.test(value) &&
      !said.includes(value) &&
      !issued.has(value)
    )
      issued.set(value, { $sym: "reply", step, pointer });
    else if (typeof value === "number" && /id$/i.test(name) && !issued.has(`number ${value}`)) {
      issued.set(`number ${value}`, { $sym: "reply", step, pointer });
      issued.set(String(value), { $sym: "reply", step, pointer });
    }
  };
  visit(reply?.body, "", "");
  const { etag } = reply?.headers ?? {};
  if (etag !== undefined) issued.set(etag, { $sym: "header", step, name: "etag" });
}
