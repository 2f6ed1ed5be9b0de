import type { ResolvedConfig } from "../../gates/config.ts";
import { type Expected, type GatePlan, planGates, requireReach } from "../../gates/plan.ts";
import { expectLoad } from "../../load/expected.ts";

/** Seconds that one forced cold start takes: measured on this machine, and what an update takes on AWS. */
const COLD_START_S = { local: 0.2, aws: 8 };

/** What each gate of the chosen profile needs, and what the profile brings. @throws UsageError for a bad scenario */
export function planOf(config: ResolvedConfig): readonly GatePlan[] {
  return planGates(config.profile, expected(config));
}

function expected(config: ResolvedConfig): Expected {
  const local = config.targets.some((target) => target.bundled === "serverless");
  const { capacity } = config;
  return {
    ...(config.load && { load: expectLoad(config.load) }),
    ...(config.coldStart && {
      coldStarts: {
        samples: config.coldStart.samples,
        secondsEach: local ? COLD_START_S.local : COLD_START_S.aws,
      },
    }),
    ...(capacity && { replicates: capacity.replicates }),
  };
}

/**
 * Refuses, before anything is sent, a profile that could not settle one of the gates that `feeds` names. Sizes given
 * by hand are taken as they are: whoever asks for a quick look gets one, and a word about it.
 * @throws UsageError (exit 64)
 */
export function requireReachable(
  config: ResolvedConfig,
  feeds: readonly string[],
  say: (line: string) => void,
): void {
  // Gates of other stages are not asked: their scenario may be broken, and is not needed now.
  const gates = config.profile.gates.filter(({ gate }) => feeds.includes(gate));
  if (gates.every(({ gate }) => gate === "contracts")) return;
  const plans = planOf({ ...config, profile: { ...config.profile, gates } });
  if (!config.sizedByHand) {
    requireReach(plans, config.profile.name);
    return;
  }
  for (const plan of plans.filter(({ planned, least }) => planned < least))
    say(`${plan.gate} will stay open: ${plan.planned} ${plan.unit} of at least ${plan.least}.`);
}
