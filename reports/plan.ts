import { formatCount } from "../gates/format.ts";
import type { GatePlan } from "../gates/plan.ts";

/** What each gate needs, as a table for a terminal; what is missing is said below it. */
export function renderPlan(profile: string, plans: readonly GatePlan[]): string {
  if (plans.length === 0) return `No gate of the profile ${profile} needs a number of samples.\n`;
  const rows = [
    ["gate", "least", "for 80 %", "profile", "time", "if"],
    ...plans.map((plan) => [
      `${plan.gate}${plan.scope === undefined ? "" : ` (${plan.scope})`}${plan.required ? "" : " (not required)"}`,
      formatCount(plan.least),
      `${formatCount(plan.wanted)} ${plan.unit}`,
      formatCount(plan.planned),
      plan.minutes === undefined ? "" : duration(plan.minutes),
      plan.assumes,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const short = plans.filter((plan) => plan.planned < plan.wanted);
  return [
    `Profile ${profile}, for each target, before anything is sent:`,
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    ),
    ...short.map((plan) => {
      const never = plan.planned < plan.least ? "can never pass" : "passes less often than in 8 of 10 runs";
      return `  ${plan.gate}${plan.scope === undefined ? "" : ` (${plan.scope})`} ${never} with what the profile brings. Better: ${plan.mend}`;
    }),
    "",
  ].join("\n");
}

function duration(minutes: number): string {
  if (minutes < 1) return `${Math.max(1, Math.round(minutes * 60))} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
