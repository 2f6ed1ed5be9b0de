import { type Operation, operationById, resolveSchema } from "../../../openapi/model/index.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { isSymbolic, type Template } from "../generate/template.ts";
import { pagingOf } from "../model/paging.ts";
import type { Environment } from "./environment.ts";
import { merged } from "./merged.ts";
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

/** Attempts under way at the same time. */
const AT_ONCE = 4;

/** Steps made fewer or smaller; `undefined` where there is nothing to change. */
type Change = (steps: readonly Step[]) => readonly Step[] | undefined;

/** Finds the shortest sequence, then the smallest request, that still shows the difference. */
export async function shrink(
  env: Environment,
  start: Shown,
  signature: Signature,
  deadline: number,
): Promise<Shown> {
  let best = start;
  const late = (): boolean => Date.now() > deadline || env.signal.aborted;
  const attempt = async (steps: readonly Step[] | undefined): Promise<boolean> => {
    if (steps === undefined || steps.length > best.steps.length || late()) return false;
    const shown = await reproduce(env, steps, signature);
    if (shown === undefined) return false;
    best = shown;
    return true;
  };
  await shorterPage();
  await fewerSteps();
  await fewerThings();
  for (const { id } of [...best.steps].reverse()) await smallerRequest(id);
  return best;

  /** Tries changes at the same time, each alone; then all of those together that still show the difference. */
  async function tryEach(changes: readonly Change[]): Promise<void> {
    const from = best.steps;
    const good = new Set<Change>();
    const queue = [...changes];
    const work = async (): Promise<void> => {
      for (let change = queue.shift(); change !== undefined && !late(); change = queue.shift()) {
        const steps = change(from);
        if (steps !== undefined && (await reproduce(env, steps, signature)) !== undefined) good.add(change);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const some = changes.filter((change) => good.has(change));
    if (some.length === 0) return;
    if (await attempt(some.reduce((steps, change) => change(steps) ?? steps, from))) return;
    for (const change of some) await attempt(change(best.steps));
  }

  /** What shows at the end of a page shows with the fewest things when a page holds one. */
  async function shorterPage(): Promise<void> {
    const last = best.steps.at(-1);
    const paging = last && pagingOf(env.model, operationById(env.model, last.operation));
    if (last === undefined || paging === undefined || last.query[paging.limit] === 1) return;
    const short = { ...last, query: { ...last.query, [paging.limit]: 1 } };
    await attempt([...best.steps.slice(0, -1), short]);
  }

  async function fewerSteps(): Promise<void> {
    const needed = (): ReadonlySet<number> => neededBy(best.steps);
    const bare = best.steps.filter(({ id }) => needed().has(id));
    if (bare.length === best.steps.length || (await attempt(bare))) return;
    const writes = best.steps.filter(
      (step) => needed().has(step.id) || step.settle || env.ids.get(step.operation)?.safe !== true,
    );
    if (writes.length < best.steps.length) await attempt(writes);
    for (const parts of [4, 12]) await withoutParts(parts);
    // What one step leaves behind may be what another is there to undo: once that is gone, so may be the first.
    for (let before = Number.POSITIVE_INFINITY; best.steps.length < before && !late(); ) {
      before = best.steps.length;
      await withoutParts(Number.POSITIVE_INFINITY);
    }
  }

  /** Leaves out each of so many parts of the sequence. */
  async function withoutParts(parts: number): Promise<void> {
    const units = unitsOf(best.steps).slice(0, -1);
    const size = Math.max(1, Math.ceil(units.length / parts));
    const removals = Array.from({ length: Math.ceil(units.length / size) }, (_, at): Change => {
      const ids = units.slice(at * size, (at + 1) * size).flatMap((unit) => unit.map(({ id }) => id));
      return (steps) => {
        const kept = neededBy(steps);
        const removed = new Set(ids.filter((id) => !kept.has(id) && steps.some((step) => step.id === id)));
        return removed.size === 0 ? undefined : without(steps, removed);
      };
    });
    await tryEach(removals);
  }

  /** Where two things of a kind are made, the first may do for both; then what only the second needed can go. */
  async function fewerThings(): Promise<void> {
    const twins = best.steps.flatMap((step, at) => {
      const creates = env.ids.get(step.operation)?.creates;
      const first = best.steps
        .slice(0, at)
        .find((each) => each.operation === step.operation && each.who === step.who);
      return creates === undefined || first === undefined || step.together
        ? []
        : [[first.id, step.id] as const];
    });
    if (twins.length === 0) return;
    const before = best.steps.length;
    await tryEach(
      twins.map(
        ([first, twin]) =>
          (steps) =>
            merged(steps, first, twin),
      ),
    );
    if (best.steps.length < before) await withoutParts(Number.POSITIVE_INFINITY);
  }

  async function smallerRequest(id: number): Promise<void> {
    const changes = smallerOf(
      env,
      best.steps.find((step) => step.id === id),
    ).map(
      (smaller): Change =>
        (steps) => {
          const now = steps.find((step) => step.id === id);
          const changed = now === undefined ? undefined : smaller(now);
          return changed && steps.map((step) => (step.id === id ? changed : step));
        },
    );
    const [all, ...others] = changes;
    if (all !== undefined && !(await attempt(all(best.steps)))) await tryEach(others);
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

/** A smaller request, where the step as it is now has that part still. */
type Smaller = (now: Step) => Step | undefined;

/** Ways to make a request smaller: all that may be absent at once, then one after the other; then shorter texts. */
function smallerOf(env: Environment, step: Step | undefined): readonly Smaller[] {
  if (step === undefined) return [];
  const operation = operationById(env.model, step.operation);
  const query = Object.keys(step.query).filter(
    (name) =>
      !operation.parameters.some((each) => each.in === "query" && each.name === name && each.required),
  );
  const sent = members(step.body) ?? {};
  const required = requiredIn(env, operation);
  const optional = Object.keys(sent).filter((name) => !required.includes(name));
  const bare = (now: Step, some: readonly string[], others: readonly string[]): Step | undefined => {
    const body = members(now.body);
    const less = { ...now, query: omit(now.query, some), ...(body && { body: omit(body, others) }) };
    return JSON.stringify(less) === JSON.stringify(now) ? undefined : less;
  };
  return [
    (now) => bare(now, query, optional),
    ...query.map((name) => (now: Step) => bare(now, [name], [])),
    ...optional.map((name) => (now: Step) => bare(now, [], [name])),
    ...Object.entries(sent).flatMap(([name, value]): readonly Smaller[] =>
      typeof value === "string" && value.length > 24
        ? [(now) => ({ ...now, body: { ...members(now.body), [name]: value.slice(0, 8) } })]
        : [],
    ),
  ];
}

/** The members that a body cannot do without, as far as its schema says so at once. */
function requiredIn(env: Environment, operation: Operation): readonly string[] {
  const schema = operation.requestBody?.media.find(({ type }) => /[/+]json/.test(type))?.schema;
  const value = schema === undefined ? undefined : resolveSchema(env.model, schema).value;
  return isRecord(value) && Array.isArray(value.required) ? value.required.map(String) : [];
}

function members(body: Template | undefined): Readonly<Record<string, Template>> | undefined {
  return isRecord(body) && !isSymbolic(body) ? (body as Readonly<Record<string, Template>>) : undefined;
}

function omit<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !names.includes(key)));
}
