import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadSpecs } from "./load.ts";
import type { OperationModel } from "./types.ts";

const FOLDER = join(import.meta.dirname, "..");

/** The bundled documents: every YAML file of `openapi/` but the shared components, sorted. */
export function bundledSpecs(folder = FOLDER): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml") && name !== "common.yaml")
    .sort()
    .map((name) => join(folder, name));
}

let model: OperationModel | undefined;

/** The model of the bundled documents, read once in a process. */
export function bundledModel(): OperationModel {
  model ??= loadSpecs(bundledSpecs());
  return model;
}
