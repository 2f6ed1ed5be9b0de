import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bundle, createConfig } from "@redocly/openapi-core";
import { parse } from "yaml";
import { type OperationModel, operationById } from "../../openapi/model/index.ts";

type Members = Record<string, unknown>;

/**
 * All documents of a model as one, for tools that take a single file: paths and components joined, and links by
 * `operationRef` into another document turned into links by `operationId`.
 */
export async function joinedSpec(model: OperationModel): Promise<Members> {
  const [first] = model.operations;
  if (first === undefined) throw new Error("the model has no operations");
  const folder = join(first.file, "..");
  const { openapi, security, components } = parse(readFileSync(first.file, "utf8")) as Members;
  const paths = Object.fromEntries(
    model.operations.map(({ path, file }) => [
      path,
      { $ref: `${relative(folder, file)}#/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}` },
    ]),
  );
  const { securitySchemes } = components as Members;
  const root = {
    openapi,
    info: { title: "All", version: "1" },
    security,
    paths,
    components: { securitySchemes },
  };
  const { bundle: bundled } = await bundle({
    config: await createConfig({}),
    doc: {
      source: { absoluteRef: join(folder, "joined.yaml") } as never,
      parsed: root,
    },
  });
  const joined = structuredClone(bundled.parsed) as Members;
  eachMembers(joined, (members) => {
    if (typeof members.operationRef !== "string") return;
    members.operationId = idOf(model, members.operationRef);
    delete members.operationRef;
  });
  return joined;
}

function idOf(model: OperationModel, reference: string): string {
  const [, path = "", method = ""] = /#\/paths\/([^/]+)\/([a-z]+)$/.exec(reference) ?? [];
  const wanted = decodeURIComponent(path).replaceAll("~1", "/").replaceAll("~0", "~");
  const found = model.operations.find((one) => one.path === wanted && one.method === method.toUpperCase());
  return found?.id ?? operationById(model, reference).id;
}

function eachMembers(value: unknown, visit: (members: Members) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) visit(value as Members);
  for (const inner of Object.values(value)) eachMembers(inner, visit);
}
