import { type Millionths, parseDecimal } from "../domain/decimal.ts";
import type { Pricing, Tier } from "../domain/pricing.ts";
import { removable } from "../validation/merge-patch.ts";
import {
  array,
  type Issues,
  isObject,
  object,
  optional,
  type Reader,
  refuse,
  refused,
  required,
} from "../validation/reader.ts";
import { decimal, integer, oneOf } from "../validation/scalars.ts";

const models = ["flat", "per_unit", "graduated"] as const;
const money = integer(0, Number.MAX_SAFE_INTEGER);

const positiveDecimal: Reader<Millionths> = (value, pointer, issues) => {
  const read = decimal(value, pointer, issues);
  return read === 0n ? refuse(issues, pointer, "must be above 0") : read;
};

const tiers: Reader<Tier[]> = array(
  object({ upTo: optional(positiveDecimal), unitPrice: required(decimal) }),
  1,
  20,
  checkTierEnds,
);

/** Every tier ends above the one before, and the last one does not end. */
function checkTierEnds(sent: readonly unknown[], pointer: string, issues: Issues): void {
  let before: Millionths | undefined;
  sent.forEach((tier, index) => {
    if (!isObject(tier)) {
      before = undefined;
      return;
    }
    const at = `${pointer}/${index}/upTo`;
    const given = Object.hasOwn(tier, "upTo");
    const isLast = index === sent.length - 1;
    if (isLast && given) issues.add(at, "is not allowed in the last tier");
    if (!isLast && !given) issues.add(at, "is required in every tier but the last");
    const end = given && typeof tier.upTo === "string" ? parseDecimal(tier.upTo) || undefined : undefined;
    if (end !== undefined && before !== undefined && end <= before)
      issues.add(at, "must be above that of the tier before");
    before = end;
  });
}

const readers: Readonly<Record<string, Reader<Pricing>>> = {
  flat: object({ model: required(oneOf(["flat"])), amount: required(money) }),
  per_unit: object({ model: required(oneOf(["per_unit"])), unitPrice: required(decimal) }),
  graduated: object({ model: required(oneOf(["graduated"])), tiers: required(tiers) }),
};

/** Pricing of one model; which one, `model` says, and without a known one nothing else is judged. */
export const pricing: Reader<Pricing> = (value, pointer, issues) => {
  if (!isObject(value)) return refuse(issues, pointer, "must be an object");
  const model = Object.hasOwn(value, "model") ? value.model : undefined;
  const known = oneOf(models)(model, `${pointer}/model`, issues);
  const read = known === refused ? undefined : readers[known];
  return read === undefined ? refused : read(value, pointer, issues);
};

/** What a patch may say about pricing; members of the model before are removed by `null`. */
export const pricingPatch = object({
  model: optional(oneOf(models)),
  amount: optional(removable(money)),
  unitPrice: optional(removable(decimal)),
  tiers: optional(removable(tiers)),
});
