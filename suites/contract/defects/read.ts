import { readFileSync } from "node:fs";
import type { Defect } from "./fault.ts";

/** The committed catalogue, in its order. */
export function readCatalogue(): readonly Defect[] {
  return readFileSync(new URL("catalogue.ndjson", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Defect);
}

/** `count` of them, spread by the seed over the whole catalogue without repeating one. */
export function sampleOf<T>(defects: readonly T[], count: number, seed: number): readonly T[] {
  if (count >= defects.length) return defects;
  const step = defects.length / count;
  const offset = seed % Math.max(1, Math.floor(step));
  return Array.from({ length: count }, (_, i) => defects[Math.floor(i * step) + offset] as T);
}
