import type { RunRecord } from "../../gates/evidence/index.ts";
import { judgeGate } from "../../gates/judge.ts";
import type { DeployAnswer } from "./deploy.ts";

/**
 * Whether a target may be deployed, from the evidence of a run on this machine: no broker is there to tell what else
 * is deployed, so it stands for the consumers' pacts of this very commit. What the evidence does not tell is no.
 * @param commit what is checked out, or null
 */
export function localAnswer(
  record: RunRecord,
  target: string,
  commit: string | null,
  now: Date,
): DeployAnswer {
  const unknown = (why: string): DeployAnswer => ({ answer: "unknown", why });
  const { git, pactPlan, profile, targets } = record.file;
  if (!targets.some(({ name }) => name === target))
    return unknown(`The run ${record.file.runId} did not verify ${target}.`);
  if (commit === null) return unknown("There is no commit: nothing says what would be deployed.");
  if (git.commit !== commit)
    return unknown(`The run ${record.file.runId} is of commit ${git.commit ?? "unknown"}, not of ${commit}.`);
  if (git.dirty) return unknown(`The run ${record.file.runId} had changes that no commit has.`);
  if (pactPlan?.partial === true)
    return unknown(`The run ${record.file.runId} asked for some interactions only.`);
  const spec = profile.gates.find(({ gate }) => gate === "pact") ?? { gate: "pact" as const };
  const { kind, reason } = judgeGate(record, { ...spec, target }, now);
  return { answer: kind === "pass" ? "yes" : kind === "fail" ? "no" : "unknown", why: reason };
}
