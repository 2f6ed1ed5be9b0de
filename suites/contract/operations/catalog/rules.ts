import type { Answer, Case } from "../../case.ts";

/** As many tiers as asked for, the last one open. */
export function tiers(count: number): { upTo?: string; unitPrice: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    ...(index < count - 1 && { upTo: `${index + 1}` }),
    unitPrice: `0.${index + 1}1`,
  }));
}

/** The rules of tiers and of `model`, and where each is pointed at. */
export async function planRules(
  c: Case,
  refuse: (pricing: unknown, meter?: string) => Promise<Answer>,
): Promise<void> {
  const tier = (upTo?: string) => ({ ...(upTo !== undefined && { upTo }), unitPrice: "1" });
  const graduated = (...tiers: readonly object[]) => ({ model: "graduated", tiers });
  const at = (...indexes: readonly number[]) => indexes.map((index) => `/pricing/tiers/${index}/upTo`);
  const rules: readonly (readonly [pricing: unknown, pointers: readonly string[]])[] = [
    [graduated(tier("1")), at(0)],
    [graduated(tier(), tier()), at(0)],
    [graduated(tier("2"), tier("2"), tier()), at(1)],
    [graduated(tier("2.0"), tier("2"), tier()), at(1)],
    [graduated(tier("10"), tier("9"), tier("10"), tier()), at(1)],
    [graduated(tier("10"), tier(), tier("9"), tier("8")), at(1, 3)],
    [graduated(tier("0"), tier()), at(0)],
    [graduated(...tiers(21)), ["/pricing/tiers"]],
  ];
  await c.all(rules, ([pricing, pointers]) =>
    c.refused(refuse(pricing, "m"), "validation-failed", { pointers }),
  );
}
