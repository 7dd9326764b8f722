/** The most units one request may name, and the most one lot may ever deliver. Keeps every sum an exact integer. */
export const MAX_QUANTITY = 1_000_000_000;

/** Whether a number may be asked for: a whole number of units from 1 to {@link MAX_QUANTITY}. */
export function isQuantity(quantity: number): boolean {
  return Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY;
}
