import { isLosslessNumber } from "lossless-json";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { instantOf } from "./scalar.ts";

interface Key {
  /** Whether lists so far never fell, and never rose, by this member. */
  rises: boolean;
  falls: boolean;
  /** Whether two neighbours ever differed by it: what never does is no reason to believe in it. */
  varied: boolean;
}

/**
 * What the baseline's lists may be sorted by: the members by which every list that it has shown so far was in order.
 * Items that are equal in all of these may stand in any order, which two accounts of the baseline agree on by chance.
 */
export class SortKeys {
  readonly #held = new Map<string, Map<string, Key>>();

  /** @param list what tells one list of an API from another, such as the operation and the path */
  learn(list: string, items: readonly unknown[]): void {
    const records = items.filter(isRecord);
    if (records.length < 2 || records.length !== items.length) return;
    const known = this.#held.get(list);
    const names = known === undefined ? Object.keys(records[0] ?? {}) : [...known.keys()];
    const keys = new Map<string, Key>();
    for (const name of names) {
      const key = { ...(known?.get(name) ?? { rises: true, falls: true, varied: false }) };
      for (const [index, record] of records.slice(1).entries()) {
        const order = compare(records[index]?.[name], record[name]);
        key.rises &&= order !== undefined && order <= 0;
        key.falls &&= order !== undefined && order >= 0;
        key.varied ||= order !== undefined && order !== 0;
      }
      if (key.rises || key.falls) keys.set(name, key);
    }
    this.#held.set(list, keys);
  }

  /** Whether nothing that the list may be sorted by tells two of its items apart. */
  tied(list: string, one: unknown, other: unknown): boolean {
    const keys = [...(this.#held.get(list) ?? [])];
    return (
      isRecord(one) &&
      isRecord(other) &&
      keys.some(([, { varied }]) => varied) &&
      keys.every(([name]) => compare(one[name], other[name]) === 0)
    );
  }
}

/** Below nought when `a` comes first; `undefined` for what has no order. */
function compare(a: unknown, b: unknown): number | undefined {
  const [one, other] = [comparable(a), comparable(b)];
  if (one === undefined || other === undefined || typeof one !== typeof other) return undefined;
  return one === other ? 0 : one < other ? -1 : 1;
}

function comparable(value: unknown): string | number | undefined {
  if (isLosslessNumber(value) || typeof value === "number") return Number(value);
  return instantOf(value) ?? (typeof value === "string" ? value : undefined);
}
