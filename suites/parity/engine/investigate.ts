import type { DifferenceKind, Finding } from "../result.ts";
import { classOf } from "./classify.ts";
import type { Environment } from "./environment.ts";
import type { Ran, Sequence } from "./sequence.ts";
import { answersInTurn } from "./serial.ts";
import { shownSteps } from "./shown.ts";
import { attemptOf, reproduce, type Shown, shrink } from "./shrink.ts";
import { keyOf, type Signature, signatureOf } from "./signature.ts";
import type { Step } from "./step.ts";
import { titleOf } from "./title.ts";

interface Suspect {
  readonly signature: Signature;
  readonly firstSeenMs: number;
  readonly strands: (readonly Step[])[];
  seenIn: number;
}

/** A difference that is chance, and no finding: it did not show again, or a race decides it. */
export interface Unconfirmed {
  readonly operation: string;
  readonly kind: DifferenceKind;
  readonly path: string;
  readonly seenIn: number;
  readonly why: string;
}

/** A place where the baseline differs from itself. */
export interface Noise {
  readonly operation: string;
  readonly path: string;
  readonly differed: number;
  readonly compared: number;
}

const NO_TIME = "there was no time left to follow it up";
const SHRINK_MS = 15_000;
const TRIES = 4;
/** Sequences kept for each difference: should the first not show it again, another may. */
const STRANDS = 3;
/** How often a difference is followed up before whatever looks like it is taken for chance. */
const HEARINGS = 3;

/** Follows up every difference: again on fresh accounts, shorter, and again to be sure. One at a time. */
export class Investigation {
  readonly #env: Environment;
  readonly #clock: () => number;
  readonly #suspects = new Map<string, Suspect>();
  readonly #done: Finding[] = [];
  readonly #ran = new Map<string, number>();
  readonly #noise = new Map<string, { differed: number; compared: number }>();
  readonly #unconfirmed = new Map<string, Unconfirmed>();
  /** How often a difference was followed up and turned out to be chance. */
  readonly #refuted = new Map<string, number>();
  readonly #queue: Suspect[] = [];
  #working: Promise<void> | undefined;
  #since: number | undefined;
  #spentMs = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #enough = Number.POSITIVE_INFINITY;

  constructor(env: Environment, clock: () => number) {
    this.#env = env;
    this.#clock = clock;
  }

  /** What is no finding, each with the reason. */
  get unconfirmed(): readonly Unconfirmed[] {
    return [...this.#unconfirmed.values()];
  }

  /** Whether a difference was followed up and is chance. @param key its signature's */
  isChance(key: string): boolean {
    return this.#refuted.has(key);
  }

  get found(): number {
    return this.#done.length;
  }

  /** Whether a step shows a difference that no sequence has shown before. */
  isNews(ran: Ran): boolean {
    const signature = signatureOf(ran);
    return signature !== undefined && !this.#suspects.has(keyOf(signature));
  }

  /** Resolves when nothing is being followed up: that goes first, and has the systems to itself. */
  async idle(): Promise<void> {
    while (this.#working !== undefined && !this.#env.signal.aborted) await this.#working;
  }

  /** Milliseconds that following up has taken so far. */
  get spentMs(): number {
    return this.#spentMs + (this.#since === undefined ? 0 : this.#clock() - this.#since);
  }

  /** Takes note of what a sequence has shown. */
  look(sequence: Sequence): void {
    const seen = new Set<string>();
    const called = new Set<string>();
    for (const ran of sequence.ran) {
      called.add(ran.step.operation);
      this.#tally(ran.step.operation, ran.comparison.noise);
      const signature = signatureOf(ran);
      if (signature === undefined) continue;
      const key = keyOf(signature);
      if (seen.has(key)) continue;
      seen.add(key);
      const steps = sequence.ran.map(({ step }) => step);
      const known = this.#suspects.get(key);
      if (known !== undefined) {
        known.seenIn += 1;
        if (known.strands.length < STRANDS) known.strands.push(steps);
        continue;
      }
      const suspect: Suspect = { signature, firstSeenMs: this.#clock(), strands: [steps], seenIn: 1 };
      this.#suspects.set(key, suspect);
      this.#queue.push(suspect);
    }
    for (const operation of called) this.#ran.set(operation, (this.#ran.get(operation) ?? 0) + 1);
    this.#start();
  }

  #start(): void {
    if (this.#working !== undefined || this.#queue.length === 0) return;
    this.#since = this.#clock();
    this.#working = this.#work().finally(() => {
      this.#spentMs = this.spentMs;
      this.#since = undefined;
      this.#working = undefined;
      this.#start();
    });
  }

  /** Waits until everything is followed up, or time is up. */
  async finish(spareMs: number, enough: number): Promise<void> {
    this.#deadline = Date.now() + spareMs;
    this.#enough = enough;
    while (this.#working !== undefined && this.#done.length < enough)
      await Promise.race([this.#working, new Promise((resolve) => setTimeout(resolve, 100))]);
  }

  /** How often the baseline differed from itself, by place. */
  noise(): readonly Noise[] {
    return [...this.#noise]
      .filter(([, { differed }]) => differed > 0)
      .map(([key, counts]) => {
        const [operation = "", path = ""] = key.split(" | ");
        return { operation, path, ...counts };
      });
  }

  findings(sequences: number): readonly Finding[] {
    return this.#done.map((finding) => ({
      ...finding,
      seenIn: this.#suspects.get(finding.id)?.seenIn ?? finding.seenIn,
      sequences: this.#ran.get(finding.operation) ?? sequences,
    }));
  }

  #tally(operation: string, paths: readonly string[]): void {
    for (const path of paths) {
      const key = `${operation} | ${path}`;
      const own = this.#noise.get(key) ?? { differed: 0, compared: 0 };
      own.differed += 1;
      this.#noise.set(key, own);
    }
    for (const [key, own] of this.#noise) if (key.startsWith(`${operation} | `)) own.compared += 1;
  }

  async #work(): Promise<void> {
    for (let suspect = this.#queue.shift(); suspect !== undefined; suspect = this.#queue.shift()) {
      if (this.#env.signal.aborted) this.#queue.length = 0;
      if (Date.now() > this.#deadline || this.#done.length >= this.#enough) {
        this.#doubt(suspect, NO_TIME);
        continue;
      }
      await this.#follow(suspect);
    }
  }

  async #follow(suspect: Suspect): Promise<void> {
    let shown: Shown | undefined;
    for (let n = 0; n < STRANDS + 1 && shown === undefined; n++) {
      const strand = suspect.strands[n % suspect.strands.length];
      if (strand !== undefined) shown = await reproduce(this.#env, strand, suspect.signature);
    }
    if (shown === undefined) return this.#doubt(suspect, "it did not show again");
    const shortest = await shrink(this.#env, shown, suspect.signature, Date.now() + SHRINK_MS);
    if (suspect.signature.kind === "status" && (await answersInTurn(this.#env, shortest)))
      return this.#doubt(
        suspect,
        "a race, answered as the baseline answers its requests one after the other",
      );
    // What a race decides shows now and then: it is given twice the tries. What the baseline itself is not sure of
    // in any of them is chance. An order, or a page cut through one, that shows now and then is that of equal sort keys,
    // unless a race made it: it has to show in all of twice the tries.
    const raced = suspect.signature.kind === "items" && shortest.steps.some(({ together }) => together);
    const strict = /^(order|items)$/.test(suspect.signature.kind) && !raced;
    const attempts = await this.#again(shortest.steps, suspect.signature);
    if (strict || attempts.some(({ shown: again }) => again === undefined))
      attempts.push(...(await this.#again(shortest.steps, suspect.signature)));
    if (attempts.some(({ unsure }) => unsure))
      return this.#doubt(suspect, "the baseline differs from itself there");
    const again = attempts.flatMap(({ shown: each }) => each ?? []);
    const [tries, confirmed] = [attempts.length, again.length];
    const least = strict ? tries : 2;
    if (confirmed < least) return this.#doubt(suspect, `it showed again only ${confirmed} of ${tries} times`);
    const finding = this.#finding(suspect, again.at(-1) ?? shortest, confirmed, tries);
    this.#unconfirmed.delete(finding.id);
    this.#refuted.delete(finding.id);
    this.#done.push(finding);
  }

  #again(steps: readonly Step[], signature: Signature): Promise<Awaited<ReturnType<typeof attemptOf>>[]> {
    return Promise.all(Array.from({ length: TRIES }, () => attemptOf(this.#env, steps, signature)));
  }

  #finding(suspect: Suspect, shown: Shown, confirmed: number, tries: number): Finding {
    const { signature } = suspect;
    const steps = shownSteps(this.#env, shown);
    const at =
      shown.ran.findLast(
        (ran) => ran.step.operation === signature.operation && ran.comparison.differences.length > 0,
      ) ?? shown.ran.at(-1);
    const differences = at?.comparison.differences ?? [];
    return {
      id: keyOf(signature),
      title: titleOf(signature, shown, differences),
      class: at === undefined ? "silent break" : classOf(this.#env.model, at),
      operation: signature.operation,
      kind: signature.kind,
      path: signature.path,
      differences,
      alsoAt: [],
      steps,
      template: shown.steps,
      requests: steps.filter(({ setUp }) => !setUp).length,
      seenIn: suspect.seenIn,
      sequences: 0,
      confirmed,
      tries,
      firstSeenMs: suspect.firstSeenMs,
    };
  }

  #doubt({ signature, seenIn }: Suspect, why: string): void {
    const { operation, kind, path } = signature;
    const key = keyOf(signature);
    const before = this.#unconfirmed.get(key)?.seenIn ?? 0;
    this.#unconfirmed.set(key, { operation, kind, path, seenIn: before + seenIn, why });
    if (why === NO_TIME) return;
    const refuted = (this.#refuted.get(key) ?? 0) + 1;
    this.#refuted.set(key, refuted);
    // Chance and a true difference may look alike: what shows there again is news again.
    if (refuted < HEARINGS) this.#suspects.delete(key);
  }
}
