import { readFileSync } from "node:fs";

/** One way in which a rewritten system may behave differently while every answer keeps its schema. */
export interface BehaviouralDefect {
  /** `B01` and on, in the catalogue's order. */
  readonly id: string;
  readonly context: string;
  /** Where the system is wrong. */
  readonly operations: readonly string[];
  /** Other operations whose answers may differ for it. */
  readonly seenIn: readonly string[];
  /** The promise that it breaks. */
  readonly convention: string;
  readonly defect: string;
}

/** The committed catalogue, in its order. */
export function readBehaviouralDefects(): readonly BehaviouralDefect[] {
  return readFileSync(new URL("catalogue.ndjson", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as BehaviouralDefect);
}
