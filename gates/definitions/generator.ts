import type { RunRecord } from "../evidence/index.ts";
import { formatCount, formatMs, formatShare, plural } from "../format.ts";
import { sampleOf } from "../load-sample.ts";
import { quantile } from "../statistics/quantiles.ts";
import {
  findStage,
  type GateKind,
  judgedTarget,
  lostLines,
  type Obstacle,
  oneTarget,
  outcomeOf,
  stageObstacle,
} from "./kind.ts";

/** The load generator can vouch for its figures. Never fails: a bad generator proves nothing about a target. */
export const generator: GateKind = {
  name: "generator",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    if (target === undefined)
      return { ...outcomeOf(spec), kind: "absent", reason: "Its target was not part of this run." };
    const limit = record.file.profile.generator.latenessP99Ms;
    const measured = {
      unit: "ms",
      limit,
      estimate: latenessP99(record, target),
      n: sampleOf(record, target).n,
    } as const;
    const obstacle = loadObstacle(record, target);
    if (obstacle) return { ...outcomeOf(spec, target), ...measured, ...obstacle };
    const reason = `The generator kept its schedule: 99 of 100 requests left at most ${formatMs(measured.estimate ?? 0, "up")} late.`;
    return { ...outcomeOf(spec, target), ...measured, kind: "pass", reason };
  },
};

/** Why no figure about the load on `target` can be trusted, if so. Every gate on load asks this first. */
export function loadObstacle(record: RunRecord, target: string): Obstacle | undefined {
  const obstacle =
    lostLines(record, "requests", "histograms", "generator") ??
    stageObstacle(findStage(record, "load", target), "load", target, sampleOf(record, target).n);
  if (obstacle) return obstacle;
  const complaint = complaints(record, target)[0];
  return complaint === undefined
    ? undefined
    : { kind: "invalid", reason: `${complaint}${vouchedRate(record, target)}` };
}

/** The rate that the generator kept on a server that does nothing, just before, by all workers together. */
function vouchedRate(record: RunRecord, target: string): string {
  const rates = record.generator.flatMap((sample) =>
    sample.target === target && sample.calibration ? [sample.calibration.rate] : [],
  );
  if (rates.length === 0) return "";
  const sum = rates.reduce((all, rate) => all + rate, 0);
  return ` It could have vouched for ${formatCount(Math.floor(sum))} requests a second, as it was before the load.`;
}

function complaints(record: RunRecord, target: string): readonly string[] {
  const requests = sampleOf(record, target);
  const samples = record.generator.filter((sample) => sample.target === target);
  const limits = record.file.profile.generator;
  const found: string[] = [];
  if (requests.n === 0) return ["The load made no request."];
  if (samples.length === 0) return ["The generator did not record how it fared."];
  for (const worker of requests.incomplete())
    found.push(`Requests of worker ${worker} are missing or repeated.`);
  const planned = samples.reduce((sum, sample) => sum + sample.planned, 0);
  const sent = samples.reduce((sum, sample) => sum + sample.sent, 0);
  // A load that was ended on purpose leaves behind what was under way. It proves only what is proven without that.
  const early = findStage(record, "load", target)?.endedEarly !== undefined;
  if (sent < planned && !early)
    found.push(`${plural(planned - sent, "request")} of ${planned} were due and never sent.`);
  if (early ? sent < requests.n : sent !== requests.n)
    found.push(`${plural(sent, "request was", "requests were")} sent, but ${requests.n} recorded.`);
  const late = latenessP99(record, target) ?? 0;
  if (late > limits.latenessP99Ms) {
    found.push(
      `The generator was late: 1 of 100 requests left more than ${formatMs(late, "down")} after it was due (limit ${formatMs(limits.latenessP99Ms)}).`,
    );
  }
  const blocked =
    samples.filter((sample) => sample.eventLoopP99Ms > limits.eventLoopP99Ms).length / samples.length;
  if (blocked > BLOCKED_SHARE) {
    found.push(
      `The generator's event loop was blocked for more than ${formatMs(limits.eventLoopP99Ms)} in ${formatShare(blocked)} of its samples.`,
    );
  }
  return found;
}

/** A single pause, as of garbage collection, shows in the lateness if it matters; many mean saturation. */
const BLOCKED_SHARE = 0.05;

function latenessP99(record: RunRecord, target: string): number | null {
  return quantile(sampleOf(record, target).lateness(), 0.99);
}
