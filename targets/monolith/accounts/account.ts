import { type Currency, currencies } from "../domain/money.ts";
import { formatTime } from "../domain/time.ts";
import { mergePatch, type Patchable } from "../validation/merge-patch.ts";
import { defaulted, object, optional, required, type Shaped } from "../validation/reader.ts";
import { email, integer, matching, oneOf, text } from "../validation/scalars.ts";

export interface AccountRow {
  id: string;
  name: string;
  email: string;
  currency: Currency;
  tax_rate_basis_points: number;
  billing_address: BillingAddress | null;
  created_at: Date;
  updated_at: Date;
}

const billingAddressShape = {
  line1: required(text(1, 200)),
  line2: optional(text(1, 200)),
  city: required(text(1, 100)),
  postalCode: required(text(1, 20)),
  country: required(matching(/^[A-Z]{2}$/, "two capital letters")),
};
export type BillingAddress = Shaped<typeof billingAddressShape>;

const patchableShape = {
  name: required(text(1, 120)),
  email: required(email),
  billingAddress: optional(object(billingAddressShape)),
};

/** Body of createAccount. */
export const newAccount = object({
  ...patchableShape,
  currency: required(oneOf(currencies)),
  taxRateBasisPoints: defaulted(integer(0, 10_000), 0),
});

/** The members updateAccount may change, after the patch is merged. */
export const patchedAccount = object({ ...patchableShape, taxRateBasisPoints: required(integer(0, 10_000)) });

export const accountPatch: Patchable = {
  name: true,
  email: true,
  taxRateBasisPoints: true,
  billingAddress: { line1: true, line2: true, city: true, postalCode: true, country: true },
};

/** The account's patchable members with a patch applied, not validated. */
export const mergedAccount = (row: AccountRow, patch: unknown): unknown =>
  mergePatch(
    {
      name: row.name,
      email: row.email,
      taxRateBasisPoints: row.tax_rate_basis_points,
      ...(row.billing_address === null ? {} : { billingAddress: row.billing_address }),
    },
    patch,
  );

/** Account as the API says it. */
export const accountBody = (row: AccountRow) => ({
  id: row.id,
  name: row.name,
  email: row.email,
  currency: row.currency,
  taxRateBasisPoints: row.tax_rate_basis_points,
  ...(row.billing_address === null ? {} : { billingAddress: addressBody(row.billing_address) }),
  createdAt: formatTime(row.created_at),
  updatedAt: formatTime(row.updated_at),
});

/** In one order of members, because the ETag is made from it. */
const addressBody = ({ line1, line2, city, postalCode, country }: BillingAddress): BillingAddress => ({
  line1,
  ...(line2 === undefined ? {} : { line2 }),
  city,
  postalCode,
  country,
});
