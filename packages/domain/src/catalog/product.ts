import { MAX_QUANTITY } from '../licenses/quantity.ts';

/** For how long what a product grants may be used, counted from the start of its term. */
export type ProductTerm =
  | { readonly kind: 'perpetual' }
  | { readonly kind: 'term'; readonly months: number }
  | { readonly kind: 'demo'; readonly days: number };

/** So many units of a license for each unit of the product. */
export interface ProductGrant {
  readonly licenseId: string;
  readonly quantityPerUnit: number;
}

/** The units of a license that so many units of a product bring, or null when no lot could hold them. */
export function grantedUnits(quantityPerUnit: number, quantity: number): number | null {
  const units = quantityPerUnit * quantity;
  return units <= MAX_QUANTITY ? units : null;
}
