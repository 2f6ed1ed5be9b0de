import { type Currency, currencies } from "../domain/money.ts";
import { formatTime } from "../domain/time.ts";
import { removable } from "../validation/merge-patch.ts";
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

const name = text(1, 120);
const taxRate = integer(0, 10_000);
const billingAddress = object(billingAddressShape);

/** Body of createAccount. */
export const newAccount = object({
  name: required(name),
  email: required(email),
  currency: required(oneOf(currencies)),
  taxRateBasisPoints: defaulted(taxRate, 0),
  billingAddress: optional(billingAddress),
});

/** Body of updateAccount. */
export const accountPatch = object({
  name: optional(name),
  email: optional(email),
  taxRateBasisPoints: optional(taxRate),
  billingAddress: optional(
    removable(
      object({
        line1: optional(billingAddressShape.line1.read),
        line2: optional(removable(billingAddressShape.line2.read)),
        city: optional(billingAddressShape.city.read),
        postalCode: optional(billingAddressShape.postalCode.read),
        country: optional(billingAddressShape.country.read),
      }),
    ),
  ),
});

/** What updateAccount may change, once the patch is applied. */
export const patchedAccount = object({
  name: required(name),
  email: required(email),
  taxRateBasisPoints: required(taxRate),
  billingAddress: optional(billingAddress),
});

/** The members a patch applies to. */
export const patchableAccount = (row: AccountRow) => ({
  name: row.name,
  email: row.email,
  taxRateBasisPoints: row.tax_rate_basis_points,
  ...(row.billing_address === null ? {} : { billingAddress: row.billing_address }),
});

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
