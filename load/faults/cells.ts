import type { TargetFault } from "./proxy.ts";

/** Something that goes wrong, and where. `none` is the control: what is sound must be GO, or the rest proves nothing. */
export type Cell =
  | { readonly place: "monolith" | "serverless"; readonly fault: TargetFault | "none" }
  | { readonly place: "generator"; readonly fault: "stall" | "death" | "full disk" }
  | {
      readonly place: "evidence";
      readonly fault: "death" | "error" | "wrong answer" | "stall" | "clock jump" | "full disk";
    };

const targetFaults = [
  "none",
  "stall",
  "error",
  "reset",
  "trickle",
  "throttle",
  "death",
  "wrong answer",
] as const;

/** Every cell that makes sense. `nonsense` says why the others do not. */
export const cells: readonly Cell[] = [
  ...(["monolith", "serverless"] as const).flatMap((place) =>
    targetFaults.map((fault): Cell => ({ place, fault })),
  ),
  // The generator is stopped for two seconds, killed, or cannot write.
  ...(["stall", "death", "full disk"] as const).map((fault): Cell => ({ place: "generator", fault })),
  // A cut last line, a line that is no record, a record altered, samples of the generator gone, a wrong clock, no end.
  ...(["death", "error", "wrong answer", "stall", "clock jump", "full disk"] as const).map(
    (fault): Cell => ({ place: "evidence", fault }),
  ),
];

/** The cells that are left out, and why. */
export const nonsense: readonly { readonly cells: string; readonly why: string }[] = [
  {
    cells: "clock jump × monolith, serverless, generator",
    why: "durations come from a monotonic clock, which does not jump; the wall clock dates evidence, and that cell is there",
  },
  { cells: "full disk × monolith, serverless", why: "from outside it is an error, and that cell is there" },
  {
    cells: "error, reset, trickle, throttle, wrong answer × generator",
    why: "a generator sends and waits; what it may do wrong is be late, die, or not write down",
  },
  { cells: "reset, trickle, throttle × evidence", why: "files know no connections" },
];

/** "stall × monolith" */
export function cellName(cell: Cell): string {
  return `${cell.fault} × ${cell.place}`;
}
