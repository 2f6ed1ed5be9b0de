import { expect, test } from "vitest";
import type { RouteModel } from "../template/model.ts";
import { createRouter } from "./router.ts";

const routeOf = (key: string): RouteModel => {
  const [method = "", path = "$default"] = key === "$default" ? ["ANY"] : key.split(" ");
  return { method, path, functionName: key, qualifier: undefined, authorizer: undefined, timeoutMs: 1 };
};
const keys = [
  "$default",
  "ANY /{rest+}",
  "ANY /pets/{id}",
  "GET /pets/{id}",
  "GET /pets/{rest+}",
  "POST /pets/one",
];
const cases: readonly (readonly [string, string, string])[] = [
  ["GET /pets/7", "GET /pets/{id}", "a named method wins over ANY"],
  ["DELETE /pets/7", "ANY /pets/{id}", "ANY takes the other methods"],
  ["POST /pets/one", "POST /pets/one", "a static segment wins over a parameter"],
  ["GET /pets/one", "GET /pets/{id}", "a static path without the method is passed over"],
  ["GET /pets/1/tail", "GET /pets/{rest+}", "a greedy segment takes several"],
  ["PUT /pets/1/tail", "ANY /{rest+}", "the wider greedy path takes what the nearer does not"],
  ["GET /pets", "ANY /{rest+}", "a greedy segment wants at least one"],
  ["HEAD /pets/7", "ANY /pets/{id}", "HEAD is a method like others"],
];

test.each(cases)("%s goes to %s: %s", (request, key) => {
  const [method = "", path = ""] = request.split(" ");
  for (const order of [keys, keys.toReversed()])
    expect(createRouter(order.map(routeOf))(method, path)?.routeKey).toBe(key);
});

test("what no route takes goes to $default, or nowhere", () => {
  expect(createRouter([routeOf("GET /a"), routeOf("$default")])("GET", "/b")?.routeKey).toBe("$default");
  expect(createRouter([routeOf("GET /a")])("GET", "/b")).toBeUndefined();
  expect(createRouter([routeOf("GET /a")])("GET", "/a/")).toBeUndefined();
  expect(createRouter([routeOf("GET /a/{id}")])("GET", "/a/")).toBeUndefined();
});

test("parameters are decoded after the path was split", () => {
  const route = createRouter([routeOf("GET /a/{id}"), routeOf("GET /f/{rest+}")]);
  expect(route("GET", "/a/x%2Fy%20z")?.pathParameters).toEqual({ id: "x/y z" });
  expect(route("GET", "/f/a/b%20c")?.pathParameters).toEqual({ rest: "a/b c" });
});
