import type { GateOutcome, GateSpec, RunRecord, Stage } from "../evidence/index.ts";
import { some } from "../format.ts";
import { type LoadSample, sampleOf } from "../load-sample.ts";
import { loadObstacle } from "./generator.ts";
import { findStage, judgedTarget, type Obstacle, outcomeOf } from "./kind.ts";

/** The phase in which connections, caches and compilers get warm. Latency leaves it out; errors count in it too. */
export const WARM_UP = "warm-up";

/** What a gate on the load judges. */
export interface Judged {
  readonly target: string;
  readonly requests: LoadSample;
  readonly stage: Stage | undefined;
}

/** The requests of one target in the gate's phases and endpoints, or what keeps them from being judged. */
export function judgedRequests(
  record: RunRecord,
  spec: GateSpec,
  target: string,
  options: { readonly warmUp: boolean },
): Judged | Obstacle {
  const obstacle = loadObstacle(record, target);
  if (obstacle) return obstacle;
  const requests = sampleOf(record, target).only(
    (request) =>
      (spec.phases?.includes(request.phase) ?? (options.warmUp || request.phase !== WARM_UP)) &&
      (spec.endpoints?.includes(request.endpoint) ?? true),
  );
  if (requests.n > 0) return { target, requests, stage: findStage(record, "load", target) };
  return { kind: "invalid", reason: `No request was made in ${scopeOf(spec) ?? "any phase"} on ${target}.` };
}

/** The phases and operations a gate is narrowed to, in words; undefined when it takes all. */
export function scopeOf(spec: GateSpec): string | undefined {
  const parts = [
    ...(spec.phases ? [some(spec.phases)] : []),
    ...(spec.endpoints ? [some(spec.endpoints)] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(": ");
}

/** The outcome of a gate on the load: that of `judge`, or what kept it from being judged. */
export function judgeLoad(
  record: RunRecord,
  spec: GateSpec,
  options: { readonly warmUp: boolean; readonly fixed: Partial<GateOutcome> },
  judge: (judged: Judged) => Omit<GateOutcome, "gate" | "target" | "required">,
): GateOutcome {
  const target = judgedTarget(record, spec)?.name;
  if (target === undefined)
    return { ...outcomeOf(spec), kind: "absent", reason: "Its target was not part of this run." };
  const scope = scopeOf(spec);
  const base = { ...outcomeOf(spec, target), ...(scope !== undefined && { scope }), ...options.fixed };
  const judged = judgedRequests(record, spec, target, options);
  return { ...base, ...("kind" in judged ? judged : judge(judged)) };
}

/** A load that was ended because a gate was proven broken has no planned size: only e-processes may judge it. */
export function isAnytime(spec: GateSpec, stage: Stage | undefined): boolean {
  return spec.sequential === true || stage?.endedEarly !== undefined;
}

/** The command of a fresh run with so many requests. */
export function requestsCommand(record: RunRecord): (size: number) => string {
  return (size) => `npm start -- --profile ${record.file.profile.name} --requests ${size}`;
}
