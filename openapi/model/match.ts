import type { Operation, OperationModel } from "./types.ts";

/** What a method and a path come to. */
export type RouteMatch =
  | {
      readonly kind: "operation";
      readonly operation: Operation;
      readonly pathParameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: "other-method"; readonly allow: readonly string[] }
  | { readonly kind: "no-route" };

interface Route {
  readonly operation: Operation;
  readonly segments: readonly Segment[];
}
/** A fixed segment, or the pattern and names of a templated one. */
type Segment = string | { readonly pattern: RegExp; readonly names: readonly string[] };

const tables = new WeakMap<OperationModel, readonly Route[]>();

/**
 * Which operation a request is for. Fixed segments win over templated ones (OpenAPI 3.1, 4.8.8); the query and,
 * of a full URL, the origin are ignored. A path prefix of the base URL must be taken off before.
 */
export function matchRoute(model: OperationModel, method: string, url: string): RouteMatch {
  const path = pathOf(url);
  const routes = routesOf(model);
  const best = routes.find((route) => bindPath(route.segments, path) !== undefined);
  if (best === undefined) return { kind: "no-route" };
  // The path is chosen before the method: a fixed path without the method is 405, whatever a template would take.
  const same = routes.filter((route) => shape(route) === shape(best));
  const found = same.find((route) => route.operation.method === method.toUpperCase());
  if (found === undefined)
    return { kind: "other-method", allow: same.map((route) => route.operation.method).sort() };
  return {
    kind: "operation",
    operation: found.operation,
    pathParameters: bindPath(found.segments, path) ?? {},
  };
}

/** The operation a request is for, if any. */
export function matchOperation(model: OperationModel, method: string, url: string): Operation | undefined {
  const match = matchRoute(model, method, url);
  return match.kind === "operation" ? match.operation : undefined;
}

function routesOf(model: OperationModel): readonly Route[] {
  const known = tables.get(model);
  if (known !== undefined) return known;
  const routes = model.operations
    .map((operation) => ({ operation, segments: operation.path.split("/").slice(1).map(segmentOf) }))
    .sort((a, b) => compare(a.segments, b.segments));
  tables.set(model, routes);
  return routes;
}

function segmentOf(text: string): Segment {
  if (!text.includes("{")) return text;
  const names: string[] = [];
  const source = text.replace(/\{([^}]+)\}|[.*+?^${}()|[\]\\]/g, (whole, name: string | undefined) => {
    if (name === undefined) return `\\${whole}`;
    names.push(name);
    return "([^/]+)";
  });
  return { pattern: new RegExp(`^${source}$`), names };
}

/** Templates that differ in nothing but the names of their parameters are one path. */
function shape(route: Route): string {
  return route.operation.path.replace(/\{[^}]*\}/g, "{}");
}

/** Fixed before templated, from the left. */
function compare(a: readonly Segment[], b: readonly Segment[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const order = Number(typeof left !== "string") - Number(typeof right !== "string");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function bindPath(
  segments: readonly Segment[],
  path: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== path.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const text = path[index] ?? "";
    if (typeof segment === "string") {
      if (segment !== text) return undefined;
      continue;
    }
    const values = segment.pattern.exec(text);
    if (values === null) return undefined;
    for (const [at, name] of segment.names.entries()) found[name] = decode(values[at + 1] ?? "");
  }
  return found;
}

function pathOf(url: string): readonly string[] {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
  return path.split("/").slice(1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
