import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../../gates/exit.ts";
import * as s from "../../gates/shape.ts";
import type { Finding } from "./result.ts";

const day = s.custom<string>(
  "a day such as 2027-01-31",
  (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
);

/** One difference that somebody answers for. */
const entry = s.object(
  {
    operation: s.name,
    /** JSON Pointer with `*` for items, or `header <name>`; `*` alone: any place. */
    path: s.text,
    /** The kind of difference, such as status or order. */
    kind: s.name,
    /** Only while the two have exactly these; left out: whatever they are. */
    baseline: s.optional(s.text),
    candidate: s.optional(s.text),
    owner: s.name,
    reason: s.name,
    /** From this day on it no longer holds. */
    expires: day,
  },
  "closed",
);

const file = s.object({ accepted: s.list(entry) }, "closed");

export type Accepted = s.Of<typeof entry>;

/** Reads the reviewed file; one that is not there accepts nothing. @throws UsageError (exit 64) */
export function readAccepted(path: string): readonly Accepted[] {
  if (!existsSync(path)) return [];
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(
      {
        what: "The accepted differences cannot be read.",
        where: path,
        got: (error as Error).message,
        wanted: "JSON",
      },
      error,
    );
  }
  const [issue] = s.issuesOf(file, value);
  if (issue !== undefined)
    throw new UsageError({
      what: "The accepted differences are not as they should be.",
      where: `${path}${issue.pointer}`,
      got: issue.got,
      wanted: issue.wanted,
    });
  return (value as s.Of<typeof file>).accepted;
}

export interface Sorted {
  readonly open: readonly Finding[];
  readonly accepted: readonly { readonly finding: Finding; readonly by: Accepted }[];
  /** Entries that have expired, or that no difference needs any more. */
  readonly stale: readonly { readonly entry: Accepted; readonly why: string }[];
}

/**
 * Parts findings into those somebody answers for and those nobody does.
 * @param complete whether the run was long enough to say that an entry is not needed
 */
export function sortFindings(
  findings: readonly Finding[],
  entries: readonly Accepted[],
  today: string,
  complete: boolean,
): Sorted {
  const valid = entries.filter(({ expires }) => expires > today);
  const accepted = findings.flatMap((finding) => {
    const by = valid.find((each) => covers(each, finding));
    return by === undefined ? [] : [{ finding, by }];
  });
  const stale = entries.flatMap((each) => {
    if (each.expires <= today) return [{ entry: each, why: `expired on ${each.expires}` }];
    return complete && !accepted.some(({ by }) => by === each)
      ? [{ entry: each, why: "is not needed any more: the systems agree there" }]
      : [];
  });
  return {
    open: findings.filter((finding) => !accepted.some((each) => each.finding === finding)),
    accepted,
    stale,
  };
}

function covers(each: Accepted, finding: Finding): boolean {
  if (each.operation !== finding.operation || each.kind !== finding.kind) return false;
  if (each.path !== "*" && each.path !== finding.path) return false;
  const difference = finding.differences.find(
    ({ kind, path }) => kind === finding.kind && path === finding.path,
  );
  return (
    (each.baseline ?? difference?.baseline) === difference?.baseline &&
    (each.candidate ?? difference?.candidate) === difference?.candidate
  );
}

/** Adds an entry for a finding, for somebody to complete and review. */
export function accept(
  path: string,
  finding: { readonly operation: string; readonly kind: string; readonly path: string },
  by: { readonly owner: string; readonly reason: string; readonly expires: string },
): Accepted {
  const { operation, kind } = finding;
  const made: Accepted = { operation, path: finding.path, kind, ...by };
  const [issue] = s.issuesOf(entry, made);
  if (issue !== undefined)
    throw new UsageError({
      what: "The difference cannot be accepted like this.",
      where: `--${issue.pointer.slice(1)}`,
      got: issue.got,
      wanted: issue.wanted,
    });
  const all = [
    ...readAccepted(path).filter(
      (each) => !(each.operation === operation && each.kind === kind && each.path === finding.path),
    ),
    made,
  ];
  writeFileSync(path, `${JSON.stringify({ accepted: all }, undefined, 2)}\n`);
  return made;
}
