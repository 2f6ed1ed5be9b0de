import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { SpecNotFound, SpecUnreadable } from "../errors.ts";
import { upgradeSchemas } from "./openapi-30.ts";
import type { Document } from "./types.ts";

/**
 * Reads one YAML or JSON file.
 * @param asSpec whether it must be an OpenAPI 3 document; a file that is only referred to need not.
 * @throws SpecNotFound, SpecUnreadable
 */
export function readDocument(file: string, asSpec: boolean): Document {
  const root = parse(file, readText(file));
  if (root === null || typeof root !== "object" || Array.isArray(root))
    throw notOpenApi(file, root === null ? "an empty file" : Array.isArray(root) ? "a list" : typeof root);
  const record = root as Record<string, unknown>;
  const version = record.openapi;
  if (typeof version === "string" && /^3\.[012](\.|$)/.test(version)) {
    const upgraded = version.startsWith("3.0") ? upgradeSchemas(record) : record;
    return { file, openapi: version, root: upgraded };
  }
  if (asSpec)
    throw notOpenApi(
      file,
      version === undefined ? "no member `openapi`" : `openapi: ${JSON.stringify(version)}`,
    );
  return { file, openapi: undefined, root: record };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new SpecNotFound(
      {
        what: "An OpenAPI document cannot be read.",
        where: file,
        got: code === "ENOENT" ? "no such file" : code,
        wanted: "a readable YAML or JSON file",
        next: "Check the path under `specs` in the configuration.",
      },
      { cause },
    );
  }
}

function parse(file: string, text: string): unknown {
  // JSON is YAML too, but JSON.parse is a hundred times as fast.
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // A flow mapping in YAML looks the same: the YAML parser decides.
    }
  }
  const document = parseDocument(text, { merge: true, prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0];
    throw new SpecUnreadable(
      {
        what: "A file is neither YAML nor JSON.",
        where: line === undefined ? file : `${file}:${line.line}:${line.col}`,
        got: error.message.split("\n")[0] ?? error.code,
        wanted: "well-formed YAML or JSON",
        next: "Mend the line, then run again.",
      },
      { cause: error },
    );
  }
  return document.toJS();
}

function notOpenApi(file: string, got: string): SpecUnreadable {
  return new SpecUnreadable({
    what: "A file is no OpenAPI document.",
    where: `${file}#/openapi`,
    got,
    wanted: 'an object with `openapi: "3.1.0"` (3.0 and 3.2 are read too)',
    next: "Point `specs` at OpenAPI documents only; convert Swagger 2.0 first.",
  });
}
