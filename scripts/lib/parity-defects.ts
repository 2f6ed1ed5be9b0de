import type { ResolvedConfig } from "../../gates/config.ts";
import { UsageError } from "../../gates/exit.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import bundled from "../../suites/parity/bundled.ts";
import { readBehaviouralDefects } from "../../suites/parity/defects/catalogue.ts";
import { runBehaviouralDefects } from "../../suites/parity/defects/run.ts";
import type { Outcome } from "../../suites/parity/defects/try.ts";
import { type FixtureTrial, fixtures, tryDifference } from "../../suites/parity/fixtures/run.ts";
import type { Chosen } from "./chosen.ts";
import { asTarget } from "./parity.ts";
import { reachTargets } from "./targets.ts";

type OnExit = (close: () => Promise<void> | void) => void;

export interface DefectsAsked extends FixtureTrial {
  readonly chosen: Chosen;
  /** Whether there is a run without any difference, too. */
  readonly controlled: boolean;
  onOutcome(outcome: Outcome): void;
}

/** The defects of the bundled API, in front of one of its two systems. */
export async function defectOutcomes(
  config: ResolvedConfig,
  on: string,
  asked: DefectsAsked,
  onExit: OnExit,
): Promise<readonly Outcome[]> {
  const defects = asked.chosen(readBehaviouralDefects());
  const candidate = config.targets.find(({ name }) => name === on);
  const baseline = config.targets.find(({ role }) => role === "baseline");
  if (candidate === undefined || baseline === undefined)
    throw new UsageError({
      what: "There is no such target.",
      where: "--on",
      got: on,
      wanted: config.targets.map(({ name }) => name).join(" or "),
    });
  const targets = [...new Set([baseline, candidate])];
  const running = await reachTargets({ ...config, targets }, onExit);
  const at = (wanted: string) => {
    const target = running.find(({ name }) => name === wanted);
    if (target === undefined) throw new Error(`${wanted} was not started`);
    return asTarget(target);
  };
  return runBehaviouralDefects(defects, {
    ...asked,
    baseline: at(baseline.name),
    sound: at(candidate.name),
    model: loadSpecs(config.specs),
    userFile: bundled,
  });
}

/** The known differences of both fixtures, and each against its clean twin. */
export async function fixtureOutcomes(asked: DefectsAsked): Promise<readonly Outcome[]> {
  const chosen = asked.chosen(fixtures.flatMap(({ differences }) => differences));
  const outcomes: Outcome[] = [];
  for (const fixture of fixtures) {
    const some = fixture.differences.filter((one) => chosen.includes(one));
    for (const difference of asked.controlled ? [undefined, ...some] : some) {
      if (asked.signal.aborted) return outcomes;
      const outcome = await tryDifference(fixture, difference, asked);
      outcomes.push(outcome);
      asked.onOutcome(outcome);
    }
  }
  return outcomes;
}
