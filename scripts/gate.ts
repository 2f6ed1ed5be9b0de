#!/usr/bin/env -S npm run gate --
// Judges the evidence of a run again: same evidence, same gates, same verdict. Or says beforehand what it will take.
import { EXIT } from "../gates/exit.ts";
import { renderPlan } from "../reports/plan.ts";
import { readFlags, shared } from "./lib/cli.ts";
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
  return concludeAll(runFolder(flags), { json: flags.json === true });
});
