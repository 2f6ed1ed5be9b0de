import type { RunRecord } from "../../gates/evidence/index.ts";
import { formatCount, formatMs, formatShare, plural } from "../../gates/format.ts";
import { type Cause, p99WithoutCold, type SlowRequest, slowRequests } from "../../gates/slow-requests.ts";
import { quantile, sortMs } from "../../gates/statistics/quantiles.ts";
import { groups } from "../figures.ts";
import { type Html, html, section, table } from "./markup.ts";

const meanings: Readonly<Record<Cause, string>> = {
  cold: "an environment had to be started",
  queued: "it waited: for its turn, for a connection, or for an environment",
  throttled: "the platform refused it for now",
  "slow-downstream": "the function, or what it called, took longer than it usually does",
  unexplained: "nothing that is known accounts for half of it",
};

/** Slow requests by cause, of each target whose logs were read. */
export function slowSections(record: RunRecord): readonly Html[] {
  return groups(record.invocations, (one) => one.target).map(([target]) => {
    const slow = slowRequests(record, target);
    const { all, warm, cold } = p99WithoutCold(record, target);
    const p99 =
      all === null || warm === null
        ? ""
        : ` P99 is ${formatMs(all)}, and ${formatMs(warm)} without the ${plural(cold, "request")} that met a cold start.`;
    return section(
      `slow-${target}`,
      `Slow requests of ${target}`,
      `${plural(slow.length, "request")} took more than twice the median of their operation, or were throttled.${p99} A cause is named when it accounts for at least half of what was too much.`,
      slow.length > 0 &&
        table(
          [
            { title: "cause", cell: (row) => row.cause },
            { title: "count", cell: (row) => formatCount(row.own.length), number: true },
            { title: "share", cell: (row) => formatShare(row.own.length / slow.length), number: true },
            { title: "median", cell: (row) => median(row.own), number: true },
            { title: "slowest", cell: (row) => slowest(row.own) },
            { title: "which means", cell: (row) => meanings[row.cause] },
          ],
          groups(slow, (one) => one.cause)
            .map(([, own]) => ({ cause: own[0]?.cause ?? "unexplained", own }))
            .sort((a, b) => b.own.length - a.own.length),
          `Slow requests of ${target} by cause`,
        ),
      slow.length === 0 && html`<p>None.</p>`,
    );
  });
}

function median(own: readonly SlowRequest[]): string {
  return formatMs(quantile(sortMs(own.map((one) => one.latencyMs)), 0.5) ?? 0);
}

/** "getPlan, 812 ms, request Ab12=" */
function slowest([first]: readonly SlowRequest[]): string {
  if (!first) return "";
  const { endpoint, requestId } = first.request;
  return `${endpoint}, ${formatMs(first.latencyMs)}${requestId === undefined ? "" : `, request ${requestId}`}`;
}
