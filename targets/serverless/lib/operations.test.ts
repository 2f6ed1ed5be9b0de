import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { methodsOf, type Operation, operations } from "./operations.ts";

const root = new URL("../../../", import.meta.url);
const contexts = ["accounts", "catalog", "subscriptions", "usage", "invoices", "payments", "webhooks"];
const common = parse(readFileSync(new URL("openapi/common.yaml", root), "utf8"));

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
}

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Events?: Readonly<
      Record<string, { readonly Properties: { readonly Method?: string; readonly Path?: string } }>
    >;
  };
}

/** What the specs say of each operation, in the terms of our table. */
function fromSpecs(): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const context of contexts) {
    const document = parse(readFileSync(new URL(`openapi/${context}.yaml`, root), "utf8"));
    const follow = (of: { $ref?: string } & Parameter): Parameter => {
      const name = of.$ref?.split("/").at(-1) ?? "";
      if (of.$ref?.startsWith("common.yaml")) return common.components.parameters[name];
      return of.$ref ? document.components.parameters[name] : of;
    };
    for (const [path, item] of Object.entries<Record<string, never>>(document.paths))
      for (const method of ["get", "post", "patch", "delete", "put"]) {
        const operation = item[method] as Record<string, never> | undefined;
        if (!operation) continue;
        const parameters = ((operation.parameters ?? []) as Parameter[]).map(follow);
        const query = parameters.filter((p) => p.in === "query");
        const header = parameters.filter((p) => p.in === "header").map((p) => p.name);
        const content = (operation.requestBody as { content: object } | undefined)?.content;
        found[operation.operationId ?? ""] = {
          method: method.toUpperCase(),
          path,
          scope: operation["x-scope"],
          body: content && Object.keys(content).join(),
          query: query.map((p) => p.name).sort(),
          required: query
            .filter((p) => p.required)
            .map((p) => p.name)
            .sort(),
          once: header.includes("Idempotency-Key"),
        };
      }
  }
  return found;
}

test("the table says what the specs say", () => {
  const ours = Object.entries<Operation>(operations).map(([id, operation]) => [
    id,
    {
      method: operation.method,
      path: operation.path,
      scope: operation.scope,
      body: operation.body,
      query: Object.keys(operation.query?.parameters ?? {}).sort(),
      required: (operation.query?.required ?? []).toSorted(),
      once: operation.once ?? false,
    },
  ]);
  expect(ours).toHaveLength(42);
  expect(Object.fromEntries(ours)).toEqual(fromSpecs());
});

test("every path reaches, by every method, a function that can answer it", () => {
  const template = parse(readFileSync(new URL("../template.yaml", import.meta.url), "utf8"), {
    logLevel: "error",
  });
  const routes = new Map<string, string>();
  for (const [id, resource] of Object.entries<Resource>(template.Resources)) {
    for (const { Properties: of } of Object.values(resource.Properties.Events ?? {}))
      routes.set(`${of.Method} ${of.Path}`, id);
  }
  for (const [path, methods] of methodsOf) {
    const any = routes.get(`ANY ${path}`);
    expect([path, any]).toEqual([path, expect.stringMatching(/(Query|Command)Function$/)]);
    const reads = methods.filter((method) => method === "GET");
    const get = routes.get(`GET ${path}`) ?? any;
    if (reads.length > 0) expect([path, get]).toEqual([path, expect.stringMatching(/QueryFunction$/)]);
  }
  const functions = Object.values<Record<string, string>>(template.Resources).map(
    (resource) => resource.Type,
  );
  expect(functions.filter((type) => type === "AWS::Serverless::Function")).toHaveLength(18);
});
