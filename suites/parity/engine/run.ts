import { UsageError } from "../../../gates/exit.ts";
import type { Operation } from "../../../openapi/model/index.ts";
import { SortKeys } from "../compare/sort-keys.ts";
import type { ParityOptions, ParityResult, SequenceRecord } from "../explore.ts";
import { idMap } from "../model/ids.ts";
import { Random } from "../random.ts";
import { drawGoal, type Goal, goalsOf, ordered } from "../strategies/index.ts";
import { Player } from "../strategies/player.ts";
import { Coverage } from "./coverage.ts";
import { endpointOf, requireDisposable, requireReach } from "./endpoints.ts";
import type { Environment } from "./environment.ts";
import { grouped } from "./group.ts";
import { Investigation } from "./investigate.ts";
import { scout } from "./scout.ts";
import { GivenUp, type Ran, Sequence, Told } from "./sequence.ts";
import { keyOf, signatureOf } from "./signature.ts";

/** Sequences under way at the same time. */
const WORKERS = 12;
/** What a sequence under way may still take when time is up. */
const GRACE_MS = 3_000;

/** See `exploreParity`. */
export async function explore(options: ParityOptions): Promise<ParityResult> {
  requireDisposable(options.baseline, options.candidate);
  const began = performance.now();
  const clock = (): number => Math.round(performance.now() - began);
  const {
    maxMs = options.sequences === undefined ? 60_000 : 3_600_000,
    sequences: most = Number.POSITIVE_INFINITY,
    enough = Number.POSITIVE_INFINITY,
  } = options;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const baseline = endpointOf(options.baseline, "baseline", options.pace, signal);
  const candidate = endpointOf(options.candidate, "candidate", options.pace, signal);
  try {
    const omitted = options.userFile.omit ?? {};
    const env: Environment = {
      model: options.model,
      ids: idMap(options.model),
      userFile: options.userFile,
      baseline,
      candidate,
      operations: options.model.operations.filter(({ id }) => !Object.hasOwn(omitted, id)),
      sortKeys: new SortKeys(),
      settleMs: options.userFile.settleMs ?? 20_000,
      signal,
    };
    const aimed = aimedAt(env, options.operations);
    await requireReach(env);
    const scouting = await scout(
      env,
      options.seed,
      Date.now() + Math.min(30_000, Math.max(5_000, maxMs / 3)),
    );
    const scoutingMs = clock();
    const goals = goalsOf(env, aimed);
    const guided = ordered(goals, new Random(options.seed, "order"));
    const investigation = new Investigation(env, clock);
    const coverage = new Coverage();
    const inconclusive = new Map<string, number>();
    const counts = { sequences: 0, independent: 0, pairs: 0 };
    let next = 0;
    let lost = 0;
    let recorded = 0;
    /** Nothing more is waited for; sequences under way are cut off soon. Following up is not exploring. */
    const over = (): boolean =>
      signal.aborted ||
      clock() >= maxMs + Math.min(maxMs, investigation.spentMs) ||
      lost >= 12 ||
      investigation.found >= enough;
    // Some sequences are drawn by themselves, without a look at what was covered: these carry the bound. So does
    // everything once each goal has had its turn.
    const rhythm = Number.isFinite(most) ? 2 : 4;
    const company = {
      isNews: (ran: Ran) => investigation.isNews(ran),
      turn: () => investigation.idle(),
    };
    const held: { readonly record: SequenceRecord; readonly keys: readonly string[] }[] = [];

    const work = async (): Promise<void> => {
      while (!over() && next < most) {
        const index = next++;
        const random = new Random(options.seed, `sequence ${index}`);
        const guide = index % rhythm === rhythm - 1 ? undefined : guided[index - Math.floor(index / rhythm)];
        const independent = guide === undefined;
        const goal = guide ?? drawGoal(goals, scouting.recipes, random);
        if (goal === undefined) return;
        const sequence = new Sequence(env, company);
        const why = await play(sequence, goal, random);
        const whole = why === undefined;
        // What time cut off was not drawn to its end: it is no sequence.
        if (signal.aborted && !whole) return;
        const pairs = sequence.ran.filter(({ replies }) => replies.every(({ status }) => status > 0)).length;
        counts.pairs += pairs;
        const record: SequenceRecord = {
          seq: recorded++,
          drawn: independent ? "independent" : "guided",
          strategy: goal.strategy.name,
          operation: goal.operation.id,
          pairs,
          outcome: !whole ? "given-up" : sequence.differs ? "differs" : "same",
          ...(why !== undefined && { why }),
          replies: repliesOf(sequence),
        };
        // Whether what it showed is a difference or chance, following it up tells.
        if (record.outcome === "differs") held.push({ record, keys: keysOf(sequence) });
        else options.onSequence?.(record);
        coverage.add(sequence);
        investigation.look(sequence);
        lost = sequence.ran.length === 0 ? lost + 1 : 0;
        if (whole) {
          counts.sequences += 1;
          counts.independent += Number(independent);
        }
        options.onProgress?.({
          sequences: counts.sequences,
          pairs: counts.pairs,
          findings: investigation.found,
        });
      }
    };

    /** Why the sequence was given up; `undefined` for one that ended, or that a difference ended. */
    const play = async (sequence: Sequence, goal: Goal, random: Random): Promise<string | undefined> => {
      try {
        await sequence.open();
        await goal.strategy.play(new Player(sequence, random, scouting.recipes), goal.operation);
        return undefined;
      } catch (error) {
        if (error instanceof Told) return undefined;
        if (!(error instanceof GivenUp)) throw error;
        // A side that lacks what a later step needs has already been found to differ.
        if (sequence.differs) return undefined;
        if (!signal.aborted) inconclusive.set(error.message, (inconclusive.get(error.message) ?? 0) + 1);
        return error.message;
      }
    };

    const workers = Promise.all(Array.from({ length: Math.min(WORKERS, most) }, work));
    await Promise.race([workers, ended(over, signal)]);
    if (investigation.found < enough)
      await Promise.race([workers, new Promise((resolve) => setTimeout(resolve, GRACE_MS))]);
    const spare = Math.max(20_000, Math.min(maxMs, 120_000));
    if (!options.signal?.aborted) await investigation.finish(spare, enough);
    for (const { record, keys } of held) {
      // What was not followed up for want of time still counts as a difference.
      const chance = keys.length > 0 && keys.every((key) => investigation.isChance(key));
      options.onSequence?.(
        chance ? { ...record, outcome: "same", why: "a difference that did not show again" } : record,
      );
    }
    const ms = clock();
    stop.abort();
    await workers.catch(() => undefined);
    return {
      findings: grouped(investigation.findings(counts.sequences)),
      counts: { ...counts, inconclusive: Object.fromEntries(inconclusive), scoutingMs, ms },
      coverage: coverage.table(env, scouting.unreached, omitted),
      unconfirmed: investigation.unconfirmed,
      noise: investigation.noise(),
      ended: lost >= 12 ? "the targets gave no more answers" : undefined,
    };
  } finally {
    stop.abort();
    await Promise.all([baseline.http.close(), candidate.http.close()]);
  }
}

function keysOf({ ran }: Sequence): readonly string[] {
  return ran.flatMap((each) => {
    const signature = signatureOf(each);
    return signature === undefined ? [] : [keyOf(signature)];
  });
}

function repliesOf({ ran }: Sequence): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { step, replies } of ran) {
    const key = `${step.operation} ${replies[0].status} ${replies[2].status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function ended(over: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!over() && !signal.aborted) return;
      clearInterval(timer);
      resolve();
    }, 100);
  });
}

function aimedAt(env: Environment, wanted: readonly string[] | undefined): readonly Operation[] {
  if (wanted === undefined) return env.operations;
  const unknown = wanted.find((id) => !env.model.byId.has(id));
  if (unknown !== undefined)
    throw new UsageError({
      what: "There is no such operation.",
      where: "--operations",
      got: unknown,
      wanted: `one of ${[...env.model.byId.keys()].join(", ")}`,
    });
  return env.operations.filter(({ id }) => wanted.includes(id));
}
