#!/usr/bin/env -S npm run gate --
import { readRun } from "../gates/evidence/index.ts";
// Judges the evidence of a run again: same evidence, same gates, same verdict. Or says beforehand what it will take.
import { EXIT } from "../gates/exit.ts";
import { renderForecast } from "../reports/forecast.ts";
import { renderPlan } from "../reports/plan.ts";
import { readFlags, shared } from "./lib/cli.ts";
import { forecastOf } from "./lib/forecast.ts";
import { main } from "./lib/main.ts";
import { planOf } from "./lib/plan.ts";
import { concludeAll, configure, runFolder } from "./lib/verification.ts";

await main(async () => {
  const flags = readFlags({
    name: "gate",
    says: "Judges the evidence of a run and ends with its verdict: GO, NO-GO or INCONCLUSIVE.",
    flags: {
      run: { value: "ID", says: "the run's id or folder (default the newest)" },
      plan: { says: "instead: what each gate of a profile needs, before anything is sent" },
      forecast: { says: "instead: what the next step of the shift will probably do, from a run's evidence" },
      scenario: { value: "NAME", says: "for --plan: instead of the profile's" },
      requests: { value: "N", says: "for --plan: least number of requests on each target" },
      samples: { value: "N", says: "for --plan: cold-start samples" },
      peak: {
        value: "RPS",
        says: "for --plan: the load's highest rate; for --forecast: that of all traffic",
      },
      share: {
        value: "PERCENT",
        says: "the step's share of the traffic (for --forecast default 10,50,100)",
      },
      concurrency: { value: "N", says: "for --forecast: the account's concurrent executions (default 1000)" },
      profile: shared.profile,
      json: shared.json,
    },
  });
  if (flags.plan === true) {
    const config = configure(flags);
    const plans = planOf(config);
    console.log(
      flags.json === true
        ? JSON.stringify(plans, undefined, 2)
        : renderPlan(config.profile.name, plans).trimEnd(),
    );
    return EXIT.holds;
  }
  if (flags.forecast === true) {
    const steps = forecastOf(readRun(runFolder(flags)), flags);
    console.log(flags.json === true ? JSON.stringify(steps, undefined, 2) : renderForecast(steps).trimEnd());
    return EXIT.holds;
  }
  return concludeAll(runFolder(flags), { json: flags.json === true });
});
