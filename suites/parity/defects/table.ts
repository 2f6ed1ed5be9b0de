import { explainedMisses } from "./misses.ts";
import type { Outcome } from "./try.ts";

/** Of all defects at least so many have to be found: 55 of 60. */
const LEAST = 55 / 60;
/** Found later than after so many seconds is not found. */
const IN_TIME = 60;
/** Requests of a reproduction beyond set-up, and in how many of the cases. */
const SHORT = { requests: 4, share: 0.9 };

const width = 60;
const cut = (text: string): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
const cells = (...texts: readonly (string | number)[]): string =>
  [4, 5, 7, 8, 7]
    .map((size, index) => String(texts[index] ?? "").padEnd(size))
    .concat(cut(String(texts[5] ?? "")))
    .join("  ");

/** One row of the table, printed as soon as it is known. */
export function row({ known, found, seconds, requests, replays, others }: Outcome): string {
  const none = known.operations.length === 0;
  const was = none ? "-" : !found ? "NO" : seconds <= IN_TIME ? "yes" : "late";
  const shortest = requests === undefined ? "-" : `${requests}${replays ? "" : " flaky"}`;
  const beside = others.map((title) => `\n      beside: ${title}`).join("");
  return `${cells(known.id, was, seconds.toFixed(1), shortest, others.length, known.says)}${beside}`;
}

export const heading = cells("id", "found", "seconds", "requests", "others", "difference");

/** What all outcomes come to, and whether that is good enough. */
export function judgeOutcomes(outcomes: readonly Outcome[]): {
  readonly text: string;
  readonly holds: boolean;
} {
  const clean = outcomes.filter(({ known }) => known.operations.length === 0);
  const real = outcomes.filter(({ known }) => known.operations.length > 0);
  const found = real.filter((outcome) => outcome.found && outcome.seconds <= IN_TIME);
  const missed = real.filter((outcome) => !found.includes(outcome));
  const short = found.filter(({ requests = 0 }) => requests <= SHORT.requests);
  const of = (some: readonly unknown[]): string => `${some.length} of ${found.length}`;
  const claims: readonly (readonly [boolean, string])[] = [
    // Left out by a developer who tries again and again, it claims nothing.
    ...(clean.length === 0
      ? []
      : [[clean.every(({ others }) => others.length === 0), "without a defect nothing is found"] as const]),
    [
      // Too few cannot tell a share: then only what is explained may be missed.
      real.length < 60 || found.length >= LEAST * real.length,
      `${found.length} of ${real.length} are found within ${IN_TIME} s, at least 55 in 60 are wanted`,
    ],
    [
      missed.every(({ known }) => explainedMisses[known.id] !== undefined),
      `every miss is explained: ${missed.map(({ known }) => `${known.id} ${explainedMisses[known.id] ?? "NOT EXPLAINED"}`).join("; ") || "none"}`,
    ],
    [real.every(({ others }) => others.length === 0), "nothing else is reported"],
    [
      short.length >= SHORT.share * found.length,
      `${of(short)} reproductions have at most ${SHORT.requests} requests beyond set-up, 9 in 10 are wanted`,
    ],
    [found.every(({ replays }) => replays), "every reproduction replays"],
  ];
  const lines = claims.map(([holds, text]) => `${holds ? "ok    " : "FAILED"} ${text}`);
  const failed = claims.filter(([holds]) => !holds).length;
  return {
    text: [...lines, `${claims.length - failed} passed, ${failed} failed`].join("\n"),
    holds: failed === 0 && outcomes.length > 0,
  };
}
