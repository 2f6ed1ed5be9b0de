import type { Forecast } from "../gates/forecast.ts";
import { formatCount, formatMs, formatRate, formatShare } from "../gates/format.ts";

/** Forecasts of steps as a table for a terminal, marked as what they are, with what they take for granted. */
export function renderForecast(steps: readonly Forecast[]): string {
  const rows = [
    ["share", "rate", "environments", "cold in the 1st minute", "throttled", "error budget of the 1st hour"],
    ...steps.map((one) => [
      formatShare(one.step.share),
      formatRate(one.rate),
      `${formatCount(one.environments)}${one.rampSeconds > 0 ? ` after ${formatCount(one.rampSeconds)} s` : ""}`,
      `${formatCount(one.coldRequests)} (${formatShare(one.coldShare)})`,
      formatCount(one.throttled),
      `${formatShare(one.budgetUsed)}${one.budgetUsed > 1 ? ", overdrawn" : ""}`,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [first] = steps;
  const upper = first?.coldP99UpperMs;
  return [
    `FORECAST, not a measurement: what a step to so much of ${formatRate(first?.step.peak ?? 0)} would do.`,
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    ),
    `  Who meets a cold start waits ${formatMs(first?.coldP99Ms ?? 0)} (P99${upper == null ? "" : `, at most ${formatMs(upper, "up")} with 95 % confidence`}).`,
    "  It assumes:",
    ...(first?.assumptions ?? []).map((one) => `  - ${one}`),
    "",
  ].join("\n");
}
