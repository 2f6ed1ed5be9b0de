import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "./cells.ts";

type EvidenceFault = Extract<Cell, { place: "evidence" }>["fault"];

/** Does to a run's folder what a kill, a bad disk or a wrong clock would do to it. */
export function spoil(dir: string, fault: EvidenceFault): void {
  const stream = (name: string): string =>
    join(dir, readdirSync(dir).find((file) => file.startsWith(name)) ?? name);
  const requests = stream("requests");
  const { size } = statSync(requests);
  switch (fault) {
    // The last record was half written.
    case "death":
      truncateSync(requests, size - 10);
      break;
    // The disk was full from the middle on.
    case "full disk":
      truncateSync(requests, Math.floor(size / 2));
      break;
    // A block of the disk came back wrong.
    case "error":
      overwrite(requests, Math.floor(size / 2), 64);
      break;
    // A record is there twice and another is not: somebody mended the file by hand.
    case "wrong answer":
      repeatPart(requests);
      break;
    // Nothing is known of how the generator fared.
    case "stall":
      writeFileSync(stream("generator"), "");
      break;
    case "clock jump":
      backdate(join(dir, "run.json"), 25 * 3_600_000);
      break;
  }
}

function overwrite(file: string, at: number, length: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xff, at, at + length);
  writeFileSync(file, bytes);
}

/** Replaces the second record by the first. */
function repeatPart(file: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, [lines[0], lines[0], ...lines.slice(2)].join("\n"));
}

function backdate(file: string, ms: number): void {
  const run = JSON.parse(readFileSync(file, "utf8")) as { startedAt: string };
  const startedAt = new Date(Date.parse(run.startedAt) - ms).toISOString();
  writeFileSync(file, JSON.stringify({ ...run, startedAt }));
}
