import { operationById } from "../../../openapi/model/index.ts";
import { compareReplies, type StepComparison } from "../compare/reply.ts";
import type { Triple } from "../compare/scalar.ts";
import type { DifferenceKind } from "../result.ts";
import type { Environment } from "./environment.ts";
import type { Reply } from "./http.ts";
import { rest } from "./rest.ts";
import { Side, Unbound } from "./side.ts";
import type { Step } from "./step.ts";

/** A step that ran, with what came of it. */
export interface Ran {
  readonly step: Step;
  readonly replies: Triple<Reply>;
  readonly comparison: StepComparison;
}

/** Why a sequence was given up. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/** A sequence that has shown something new has done its work: what comes after it rests on it. */
export class Told extends Error {
  override readonly name = "Told";
}

/** What a sequence has to heed while others are under way. */
export interface Company {
  /** Whether a difference is one that nobody has seen yet. */
  isNews(ran: Ran): boolean;
  /** Resolves when it is this sequence's turn to go on. */
  turn(): Promise<void>;
}

const ALONE: Company = { isNews: () => false, turn: () => Promise.resolve() };

/** One sequence on fresh accounts: twice on the baseline, once on the candidate, in step. */
export class Sequence {
  readonly env: Environment;
  readonly ran: Ran[] = [];
  readonly sides: Triple<Side>;
  readonly #company: Company;
  readonly #startedAt = Date.now();
  #asynchronous = false;

  constructor(env: Environment, company: Company = ALONE) {
    this.env = env;
    this.#company = company;
    this.sides = [
      new Side(env.baseline, env.userFile),
      new Side(env.baseline, env.userFile),
      new Side(env.candidate, env.userFile),
    ];
  }

  /** @throws GivenUp when an account cannot be opened */
  async open(): Promise<void> {
    try {
      await Promise.all(this.sides.map((side) => side.open()));
    } catch (error) {
      throw new GivenUp(`no account: ${(error as Error).message.split("\n")[0]}`);
    }
  }

  /** What the baseline answered to a step. */
  reply(step: number): Reply | undefined {
    return this.sides[0].replies.get(step);
  }

  get differs(): boolean {
    return this.ran.some(({ comparison }) => comparison.differences.length > 0);
  }

  /**
   * Runs steps on all sides: reads among them at the same time, steps marked `together` as a race, all else one
   * after the other. The second baseline account follows the first, so that their clocks never agree by chance.
   * @throws GivenUp when a side has not what a step needs, or gives no answer; Told after a difference that is news
   */
  async run(steps: readonly Step[]): Promise<readonly Ran[]> {
    const out: Ran[] = [];
    for (const group of groupsOf(steps, this.env)) {
      await this.#company.turn();
      if (this.env.signal.aborted) throw new GivenUp("interrupted");
      const [first, again, candidate] = this.sides;
      const [onBaseline, onCandidate] = await Promise.all([
        this.#send(first, group).then(async (replies) => [replies, await this.#send(again, group)] as const),
        this.#send(candidate, group),
      ]);
      for (const [index, step] of group.entries()) {
        const replies = [
          onBaseline[0][index],
          onBaseline[1][index],
          onCandidate[index],
        ] as unknown as Triple<Reply>;
        out.push(await this.#compare(step, replies));
      }
      const latest = out.slice(-group.length);
      if (latest.some((ran) => this.#company.isNews(ran))) throw new Told();
      const lost = latest.find(
        ({ replies }) => replies[0].failure !== undefined || replies[1].failure !== undefined,
      );
      if (lost !== undefined)
        throw new GivenUp(
          `the baseline gives no answer: ${lost.replies[0].failure ?? lost.replies[1].failure}`,
        );
    }
    return out;
  }

  async #send(side: Side, group: readonly Step[]): Promise<readonly Reply[]> {
    const raced = group.some((step) => step.together);
    try {
      const replies = await Promise.all(
        group.map(async (step) => {
          const operation = operationById(this.env.model, step.operation);
          return step.settle ? rest(this.env, side, step, operation) : side.send(step, operation, raced);
        }),
      );
      if (!raced) return replies;
      // Which of two equal requests won is chance: the winner stands first, on every side.
      const sorted = [...replies].sort((x, y) => (x.status || 999) - (y.status || 999));
      for (const [index, step] of group.entries()) side.replies.set(step.id, sorted[index] as Reply);
      return sorted;
    } catch (error) {
      if (error instanceof Unbound) throw new GivenUp(`unbound: ${error.message}`);
      throw error;
    }
  }

  async #compare(step: Step, replies: Triple<Reply>): Promise<Ran> {
    const operation = operationById(this.env.model, step.operation);
    if (
      replies.some(
        ({ status, headers }) => status === 202 || (status < 300 && headers["retry-after"] !== undefined),
      )
    )
      this.#asynchronous = true;
    // What the server moves on its own may be at different points on each side: both are waited for.
    const waits =
      (operation.method === "GET" || operation.method === "HEAD") &&
      (this.#asynchronous || step.settle === true || replies.some(moves));
    const names = waits ? this.sides.map((side) => new Map(side.names)) : [];
    let current = replies;
    const { model, sortKeys } = this.env;
    const compared = (): StepComparison =>
      compareReplies(model, operation, step.id, current, this.sides, this.#startedAt, sortKeys);
    let comparison = compared();
    const deadline = Date.now() + this.env.settleMs;
    let wait = 50;
    let movedAt = Date.now();
    while (
      waits &&
      (comparison.differences.length > 0 || comparison.unstable) &&
      !current.some(({ failure }) => failure !== undefined) &&
      Date.now() < deadline &&
      !this.env.signal.aborted
    ) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, 500);
      const asked = (await Promise.all(
        this.sides.map((side) => side.send(step, operation)),
      )) as unknown as Triple<Reply>;
      const still = asked.every((reply, index) => reply.text === current[index]?.text);
      current = asked;
      for (const [index, side] of this.sides.entries()) {
        side.names.clear();
        for (const [key, name] of names[index] as Map<string, string>) side.names.set(key, name);
      }
      comparison = compared();
      if (!still) movedAt = Date.now();
      const quietMs = Date.now() - movedAt;
      if (still && !current.some(moves) && wait >= 400) break;
      // What says that it is on its way may stay so for ever.
      if (quietMs >= (comparison.differences.every(({ kind }) => inTime.has(kind)) ? UNMOVED_MS : QUIET_MS))
        break;
    }
    // Once what was asynchronous rests, whatever is read afterwards has to be right at once.
    if (step.settle) this.#asynchronous = false;
    const ran = { step, replies: current, comparison };
    this.ran.push(ran);
    return ran;
  }
}

/** What comes right when an asynchronous operation goes on; anything else is there soon, or is not to come. */
const inTime: ReadonlySet<DifferenceKind> = new Set(["value", "instant", "presence"]);
/** So long nothing has moved on any side: longer than the pause between two tries of something. */
const UNMOVED_MS = 6_000;
const QUIET_MS = 3_000;

const TRANSITIONAL =
  /"(status|state|phase)"\s*:\s*"(pending|queued|scheduled|running|processing|in[_-]?progress)"/i;

/** Something in the reply is on its way to another state. */
function moves(reply: Reply): boolean {
  return TRANSITIONAL.test(reply.text);
}

/** Reads go out together; a race too; a write alone. */
function groupsOf(steps: readonly Step[], env: Environment): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  const safe = (step: Step): boolean => env.ids.get(step.operation)?.safe === true && step.settle !== true;
  for (const step of steps) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const joins =
      before !== undefined &&
      (step.together === true ||
        (safe(step) &&
          safe(before) &&
          !before.together &&
          (last?.length ?? 0) < 8 &&
          !rests(step, last ?? [])));
    if (joins) last?.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Whether a step needs what another one of the group answers. */
function rests(step: Step, group: readonly Step[]): boolean {
  const text = JSON.stringify([step.path, step.query, step.headers]);
  return group.some(({ id }) => text.includes(`"step":${id}`));
}
