import { readFileSync } from "node:fs";
import type { Defect } from "./defect.ts";

/** The committed catalogue: what `makeDefects` makes of the bundled consumers' pacts. A test keeps it so. */
export function readCatalogue(): readonly Defect[] {
  return readFileSync(new URL("catalogue.ndjson", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Defect);
}

/** Defects as the catalogue's file holds them. */
export function catalogueText(defects: readonly Defect[]): string {
  return defects.map((defect) => `${JSON.stringify(defect)}\n`).join("");
}
