import type { RouteModel } from "../template/model.ts";

export interface RouteMatch {
  readonly route: RouteModel;
  /** `GET /invoices/{id}` or `$default`. */
  readonly routeKey: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

interface Compiled {
  readonly route: RouteModel;
  readonly routeKey: string;
  readonly segments: readonly Segment[];
  readonly greedy: boolean;
  /** Compares as text; smaller wins. */
  readonly rank: string;
}

type Segment = { readonly kind: "static" | "parameter" | "greedy"; readonly name: string };

/**
 * HTTP API route selection: the most specific path wins (static before parameter before greedy, from the left),
 * then a named method before ANY, then `$default`. A trailing slash is a segment of its own: `/a/` is not `/a`.
 * `path` is still percent-encoded, without query.
 */
export function createRouter(
  routes: readonly RouteModel[],
): (method: string, path: string) => RouteMatch | undefined {
  const compiled = routes
    .filter((route) => route.path !== "$default")
    .map(compile)
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const fallback = routes.find((route) => route.path === "$default");
  return (method, path) => {
    const segments = path.split("/").slice(1);
    for (const candidate of compiled) {
      if (candidate.route.method !== "ANY" && candidate.route.method !== method) continue;
      const pathParameters = match(candidate, segments);
      if (pathParameters)
        return {
          route: candidate.route,
          routeKey: candidate.routeKey,
          pathParameters: Object.keys(pathParameters).length > 0 ? pathParameters : undefined,
        };
    }
    return fallback && { route: fallback, routeKey: "$default", pathParameters: undefined };
  };
}

function compile(route: RouteModel): Compiled {
  const segments = route.path.split("/").slice(1).map(readSegment);
  const ranks = { static: "0", parameter: "1", greedy: "2" } as const;
  return {
    route,
    routeKey: `${route.method} ${route.path}`,
    segments,
    greedy: segments.at(-1)?.kind === "greedy",
    // The trailing "~" puts a path before its own greedy extension; the method decides last.
    rank: `${segments.map((s) => ranks[s.kind]).join("")}~${route.method === "ANY" ? "1" : "0"}`,
  };
}

function readSegment(text: string): Segment {
  const name = /^\{(.+?)(\+?)\}$/.exec(text);
  if (!name?.[1]) return { kind: "static", name: text };
  return { kind: name[2] ? "greedy" : "parameter", name: name[1] };
}

function match(candidate: Compiled, segments: readonly string[]): Record<string, string> | undefined {
  const { segments: wanted, greedy } = candidate;
  if (greedy ? segments.length < wanted.length : segments.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, want] of wanted.entries()) {
    const got = segments[i] ?? "";
    if (want.kind === "greedy") parameters[want.name] = segments.slice(i).map(decodeURIComponent).join("/");
    else if (want.kind === "static") {
      if (want.name !== got) return undefined;
    } else {
      if (got === "") return undefined;
      parameters[want.name] = decodeURIComponent(got);
    }
  }
  return parameters;
}
