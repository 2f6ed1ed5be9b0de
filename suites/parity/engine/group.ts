import type { Finding } from "../result.ts";

/**
 * Puts findings together that share a root cause: one is part of what shows the other, or the same write makes
 * the same member wrong elsewhere. The shortest stands for all.
 */
export function grouped(findings: readonly Finding[]): readonly Finding[] {
  const sorted = [...findings].sort(
    (a, b) => a.steps.length - b.steps.length || a.requests - b.requests || a.firstSeenMs - b.firstSeenMs,
  );
  const groups: { head: Finding; members: Finding[] }[] = [];
  for (const finding of sorted) {
    const group = groups.find(({ head, members }) =>
      [head, ...members].some((other) => related(other, finding)),
    );
    if (group === undefined) groups.push({ head: finding, members: [] });
    else group.members.push(finding);
  }
  return groups.map(({ head, members }) => ({
    ...head,
    alsoAt: members.map(({ operation, kind, path }) => ({ operation, kind, path })),
    firstSeenMs: Math.min(head.firstSeenMs, ...members.map(({ firstSeenMs }) => firstSeenMs)),
  }));
}

function related(one: Finding, other: Finding): boolean {
  const cause = causeOf(one);
  if (cause !== causeOf(other)) return false;
  const tail = (finding: Finding): string => finding.path.split("/").at(-1) ?? "";
  // The same write, and the same member of what it wrote.
  if (tail(one) === tail(other) && one.kind === other.kind) return true;
  // A write that went otherwise: everything read after it differs.
  return one.kind === "status" && one.operation === cause && other.operation !== one.operation;
}

/** The last write of the shortest sequence: what made the difference, as far as can be told from outside. */
function causeOf({ steps, operation }: Finding): string {
  return (
    steps.findLast(({ baseline }) => baseline.method !== "GET" && baseline.method !== "HEAD")?.operation ??
    operation
  );
}
