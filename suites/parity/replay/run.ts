import { SortKeys } from "../compare/sort-keys.ts";
import { classOf } from "../engine/classify.ts";
import { Coverage } from "../engine/coverage.ts";
import { endpointOf, requireDisposable } from "../engine/endpoints.ts";
import type { Environment } from "../engine/environment.ts";
import { GivenUp, Sequence } from "../engine/sequence.ts";
import { shownSteps } from "../engine/shown.ts";
import { keyOf, signatureOf } from "../engine/signature.ts";
import { titleOf } from "../engine/title.ts";
import type { ParityOptions, ParityResult } from "../explore.ts";
import { idMap } from "../model/ids.ts";
import type { Finding } from "../result.ts";
import type { Recorded } from "./read.ts";
import { replaySteps } from "./steps.ts";

export interface ReplayOptions extends ParityOptions {
  readonly traffic: readonly Recorded[];
  readonly writes: boolean;
}

/**
 * Sends recorded traffic to both, once, in its order; compared and told as what exploring finds. Nothing is drawn,
 * so it carries no bound.
 */
export async function replayTraffic(options: ReplayOptions): Promise<ParityResult> {
  if (options.writes) requireDisposable(options.baseline, options.candidate);
  const began = performance.now();
  const signal = options.signal ?? new AbortController().signal;
  const baseline = endpointOf(options.baseline, "baseline", options.pace, signal);
  const candidate = endpointOf(options.candidate, "candidate", options.pace, signal);
  const { model, userFile } = options;
  const env: Environment = {
    model,
    ids: idMap(model),
    userFile,
    baseline,
    candidate,
    operations: model.operations,
    sortKeys: new SortKeys(),
    settleMs: userFile.settleMs ?? 20_000,
    signal,
  };
  const { steps, left } = replaySteps(
    model,
    options.traffic,
    options.writes,
    new URL(options.baseline.url).pathname.replace(/\/$/, ""),
  );
  const sequence = new Sequence(env);
  const inconclusive: Record<string, number> = { ...left };
  try {
    await sequence.open();
    for (const step of steps) {
      try {
        await sequence.run([step]);
      } catch (error) {
        // A request that needs what this side never issued is left out; the others go on.
        if (!(error instanceof GivenUp) || signal.aborted) throw error;
        inconclusive[error.message] = (inconclusive[error.message] ?? 0) + 1;
      }
    }
    const findings = new Map<string, Finding>();
    for (const ran of sequence.ran) {
      const signature = signatureOf(ran);
      if (signature === undefined) continue;
      const id = keyOf(signature);
      const known = findings.get(id);
      if (known !== undefined) {
        findings.set(id, { ...known, seenIn: known.seenIn + 1 });
        continue;
      }
      const shown = { steps: [ran.step], ran: [ran], sequence };
      findings.set(id, {
        id,
        title: titleOf(signature, shown, ran.comparison.differences),
        class: classOf(model, ran),
        operation: signature.operation,
        kind: signature.kind,
        path: signature.path,
        differences: ran.comparison.differences,
        alsoAt: [],
        steps: await shownSteps(env, shown),
        template: [ran.step],
        requests: 1,
        seenIn: 1,
        sequences: sequence.ran.filter(({ step }) => step.operation === signature.operation).length,
        confirmed: 1,
        tries: 1,
        firstSeenMs: Math.round(performance.now() - began),
      });
    }
    const coverage = new Coverage();
    coverage.add(sequence);
    const replies: Record<string, number> = {};
    for (const {
      step,
      replies: [a, , b],
    } of sequence.ran)
      replies[`${step.operation} ${a.status} ${b.status}`] =
        (replies[`${step.operation} ${a.status} ${b.status}`] ?? 0) + 1;
    const pairs = sequence.ran.length;
    options.onSequence?.({
      seq: 0,
      drawn: "guided",
      strategy: "replay",
      operation: steps[0]?.operation ?? "none",
      pairs,
      outcome: findings.size > 0 ? "differs" : "same",
      replies,
    });
    return {
      findings: [...findings.values()],
      counts: {
        scoutingMs: 0,
        sequences: 1,
        independent: 0,
        pairs,
        inconclusive,
        ms: Math.round(performance.now() - began),
      },
      coverage: coverage.table(env, new Map(), userFile.omit ?? {}),
      unconfirmed: [],
      noise: [],
      ended: undefined,
    };
  } finally {
    await Promise.all([baseline.http.close(), candidate.http.close()]);
  }
}
