import { isRecord } from "../../../openapi/mutate/pin.ts";
import { isSymbolic, type Template } from "../generate/template.ts";
import type { Environment } from "./environment.ts";
import { GivenUp, type Ran, Sequence } from "./sequence.ts";
import { type Signature, shows } from "./signature.ts";
import { closureOf, needsOf, type Step } from "./step.ts";

/** A run of steps on fresh accounts that shows the difference, up to where it does. */
export interface Shown {
  readonly steps: readonly Step[];
  readonly ran: readonly Ran[];
  readonly sequence: Sequence;
}

/** Differences that the baseline would show against itself, were it by chance. */
const CHANCE = new Set(["order", "items", "value"]);

/** Runs steps on fresh accounts. `undefined`: the difference does not show. */
export async function reproduce(
  env: Environment,
  steps: readonly Step[],
  signature: Signature,
): Promise<Shown | undefined> {
  return (await attemptOf(env, steps, signature)).shown;
}

/** The same, and whether it does not show because the baseline is of two minds at that very place. */
export async function attemptOf(
  env: Environment,
  steps: readonly Step[],
  signature: Signature,
): Promise<{ readonly shown: Shown | undefined; readonly unsure: boolean }> {
  const sequence = new Sequence(env);
  try {
    await sequence.open();
    await sequence.run(steps);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
  const at = sequence.ran.findIndex((ran) => shows(ran, signature));
  if (at === -1) {
    const unsure = sequence.ran.some(
      ({ step, comparison }) =>
        step.operation === signature.operation &&
        (comparison.unstable || (CHANCE.has(signature.kind) && comparison.noise.includes(signature.path))),
    );
    return { shown: undefined, unsure };
  }
  // A race is one thing: what was sent together stays together.
  let end = at;
  while (sequence.ran[end + 1]?.step.together) end += 1;
  const ran = sequence.ran.slice(0, end + 1);
  return { shown: { steps: ran.map(({ step }) => step), ran, sequence }, unsure: false };
}

/** Steps that only make sense as one: a race, and a write with the wait for what it started. */
function unitsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const units: Step[][] = [];
  for (const step of steps) {
    if ((step.together || step.settle) && units.length > 0) units.at(-1)?.push(step);
    else units.push([step]);
  }
  return units;
}

/** Finds the shortest sequence, then the smallest request, that still shows the difference. */
export async function shrink(
  env: Environment,
  start: Shown,
  signature: Signature,
  deadline: number,
): Promise<Shown> {
  let best = start;
  const attempt = async (steps: readonly Step[]): Promise<boolean> => {
    if (steps.length > best.steps.length || Date.now() > deadline || env.signal.aborted) return false;
    const shown = await reproduce(env, steps, signature);
    if (shown === undefined) return false;
    best = shown;
    return true;
  };
  await fewerSteps();
  await smallerRequests();
  return best;

  async function fewerSteps(): Promise<void> {
    const needed = (): ReadonlySet<number> => neededBy(best.steps);
    const bare = best.steps.filter(({ id }) => needed().has(id));
    if (bare.length === best.steps.length || (await attempt(bare))) return;
    const writes = best.steps.filter(
      (step) => needed().has(step.id) || step.settle || env.ids.get(step.operation)?.safe !== true,
    );
    if (writes.length < best.steps.length) await attempt(writes);
    for (
      let size = Math.max(1, Math.floor(unitsOf(best.steps).length / 2));
      size >= 1;
      size = size === 1 ? 0 : Math.floor(size / 2)
    ) {
      for (let at = 0; at < unitsOf(best.steps).length - 1; ) {
        const units = unitsOf(best.steps);
        const removed = new Set(
          units
            .slice(at, at + size)
            .flat()
            .map(({ id }) => id)
            .filter((id) => !needed().has(id)),
        );
        if (removed.size === 0 || !(await attempt(without(best.steps, removed)))) at += size;
        if (Date.now() > deadline) return;
      }
    }
  }

  async function smallerRequests(): Promise<void> {
    for (const step of [...best.steps].reverse())
      for (const smaller of smallerOf(step)) {
        if (Date.now() > deadline) return;
        const current = best.steps.find(({ id }) => id === step.id);
        if (current === undefined) break;
        const changed = smaller(current);
        if (changed !== undefined)
          await attempt(best.steps.map((each) => (each.id === step.id ? changed : each)));
      }
  }
}

/** What the last unit rests on. */
function neededBy(steps: readonly Step[]): ReadonlySet<number> {
  const last = unitsOf(steps).at(-1) ?? [];
  const found = new Set<number>();
  for (const step of last) for (const id of closureOf(steps, step)) found.add(id);
  // Whatever started something asynchronous is waited for.
  for (const unit of unitsOf(steps))
    if (unit.some(({ id }) => found.has(id)))
      for (const step of unit) for (const id of closureOf(steps, step)) found.add(id);
  return found;
}

/** The steps without some, and without what needs them. */
function without(steps: readonly Step[], removed: Set<number>): readonly Step[] {
  const gone = new Set(removed);
  return steps.filter((step) => {
    if (gone.has(step.id) || [...needsOf(step)].some((id) => gone.has(id))) gone.add(step.id);
    return !gone.has(step.id);
  });
}

type Smaller = (step: Step) => Step | undefined;

/** Ways to make a request smaller: one optional part after the other. */
function smallerOf(step: Step): readonly Smaller[] {
  const query = Object.keys(step.query).map(
    (name): Smaller =>
      (now) => ({ ...now, query: omit(now.query, name) }),
  );
  const members = isRecord(step.body) && !isSymbolic(step.body) ? Object.keys(step.body) : [];
  const body = members.map(
    (name): Smaller =>
      (now) =>
        isRecord(now.body) ? { ...now, body: omit(now.body as Record<string, Template>, name) } : undefined,
  );
  const shorter = members.map(
    (name): Smaller =>
      (now) => {
        const value = isRecord(now.body) ? (now.body as Readonly<Record<string, unknown>>)[name] : undefined;
        return typeof value === "string" && value.length > 24
          ? { ...now, body: { ...(now.body as Record<string, Template>), [name]: value.slice(0, 8) } }
          : undefined;
      },
  );
  return [...query, ...body, ...shorter];
}

function omit<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
