import { gateKinds } from "./definitions/index.ts";
import type { GateOutcome, GateSpec, RunRecord, RunTarget, Verdict } from "./evidence/index.ts";
import { SCHEMA_VERSION } from "./evidence/schema.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { formatCount, some } from "./format.ts";
import { holm } from "./statistics/holm.ts";

/**
 * All gates of the run's profile, together: NO-GO if a required gate fails on a valid measurement;
 * INCONCLUSIVE if one is inconclusive, invalid or absent; GO only if every required gate passes.
 * @param now when it is judged: evidence that is too old is invalid
 */
export function judge(record: RunRecord, now: Date): Verdict {
  const gates = afterHolm(record.file.profile.gates.map((spec) => judgeGate(record, spec, now)));
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: record.file.runId,
    judgedAt: now.toISOString(),
    ...together(gates),
    gates,
  };
}

/** One gate, including what makes any gate invalid: old evidence, and a target that changed meanwhile. */
export function judgeGate(record: RunRecord, spec: GateSpec, now: Date): GateOutcome {
  const kind = gateKinds[spec.gate];
  const outcome = kind.judge(record, { ...spec, required: spec.required ?? decides(record, spec) });
  if (outcome.kind === "absent") return outcome;
  const doubt =
    ageDoubt(record, now) ??
    kind
      .targets(record, spec)
      .map(versionDoubt)
      .find((reason) => reason !== undefined);
  if (doubt === undefined) return outcome;
  const { pValue: _, needs: __, ...rest } = outcome;
  return { ...rest, kind: "invalid", reason: doubt };
}

/**
 * Whether a gate decides when the profile does not say. One that compares the two bundled systems is only reported:
 * they share a machine, so what one takes is missing to the other.
 */
function decides(record: RunRecord, spec: GateSpec): boolean {
  return !isRelative(spec) || !record.file.targets.every((target) => target.bundled === true);
}

/** Whether a gate compares its target with the baseline. */
export function isRelative(spec: GateSpec): boolean {
  return spec.margin !== undefined || spec.gate === "capacity.ratio";
}

/** The exit code a verdict ends with. */
export function exitOf(verdict: Verdict): ExitCode {
  return { GO: EXIT.holds, "NO-GO": EXIT.wrong, INCONCLUSIVE: EXIT.unknown }[verdict.verdict];
}

const HOUR = 3_600_000;

function ageDoubt(record: RunRecord, now: Date): string | undefined {
  const { startedAt, profile } = record.file;
  const hours = (now.getTime() - Date.parse(startedAt)) / HOUR;
  if (hours > profile.maxAgeHours) {
    return `The evidence is ${formatCount(Math.floor(hours))} hours old; the limit is ${profile.maxAgeHours}.`;
  }
  // Two clocks may differ by minutes, not by more.
  return hours < -0.1
    ? `The evidence is dated ${startedAt}, after it was judged: one of the clocks is wrong.`
    : undefined;
}

function versionDoubt(target: RunTarget): string | undefined {
  const { name, versionBefore, versionAfter } = target;
  if (versionBefore === undefined) return `The version of ${name} was not read before the run.`;
  if (versionAfter === undefined)
    return `The version of ${name} was not read after the run: it was cut short.`;
  if (versionBefore === null || versionAfter === null) {
    return `${name} tells no version, so a deployment during the run would go unnoticed (set targets.${name}.versionPath).`;
  }
  if (versionBefore === versionAfter) return undefined;
  return `${name} changed during the run, from version ${versionBefore} to ${versionAfter}.`;
}

/**
 * A failure that only a gate judged alone would call proven stays open, and names the fresh run that would settle it;
 * one that is proven has nothing left to settle.
 */
function afterHolm(outcomes: readonly GateOutcome[]): readonly GateOutcome[] {
  const tested = outcomes.filter((outcome) => outcome.required && outcome.pValue !== undefined);
  const proven = holm(tested.map((outcome) => outcome.pValue ?? 1));
  return outcomes.map((outcome) => {
    const index = tested.indexOf(outcome);
    if (outcome.kind !== "fail") return outcome;
    if (index < 0 || proven[index]) {
      const { needs: _, ...settled } = outcome;
      return settled;
    }
    const reason = `${outcome.reason} Alone that would prove it, but not as one of ${tested.length} gates judged together. A fresh run decides.`;
    return { ...outcome, kind: "inconclusive", reason };
  });
}

function together(gates: readonly GateOutcome[]): Pick<Verdict, "verdict" | "why"> {
  const required = gates.filter((gate) => gate.required);
  const failed = required.filter((gate) => gate.kind === "fail");
  if (failed.length > 0) return { verdict: "NO-GO", why: reasons(failed) };
  const open = required.filter((gate) => gate.kind !== "pass");
  if (open.length > 0) return { verdict: "INCONCLUSIVE", why: reasons(open) };
  if (required.length === 0)
    return { verdict: "INCONCLUSIVE", why: "No gate is required, so nothing was proven." };
  const names = some(required.map((gate) => gate.gate));
  return {
    verdict: "GO",
    why: `${required.length === 1 ? "The required gate passes" : `All ${required.length} required gates pass`}: ${names}.`,
  };
}

/** The first reason in full; of the others which gates they are. */
function reasons(gates: readonly GateOutcome[]): string {
  const [first, ...others] = gates;
  const also = some(
    others.map((gate) => `${gate.gate} ${gate.kind === "fail" ? "fails" : `is ${gate.kind}`}`),
  );
  return `${first?.reason ?? ""}${others.length === 0 ? "" : ` Besides, ${also}.`}`;
}
