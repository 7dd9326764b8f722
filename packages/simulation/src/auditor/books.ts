/**
 * What the auditor knows, from what it saw go over the wire and from nothing else. Plain data, so that it can be copied
 * to try in which order requests that ran at once may have been done.
 */
export type HoldingState = 'pending' | 'available' | 'expired';
export const holdingStates: readonly HoldingState[] = ['pending', 'available', 'expired'];
export type Quantities = Record<HoldingState, number>;

export interface BookLot {
  lotId: string;
  tag: string;
  /** Null for a perpetual lot. */
  startsAt: number | null;
  endsAt: number | null;
  deliveredAt: number;
  delivered: number;
  withdrawn: number;
  /** Which turn of its term comes next; null when none does. */
  turn: 'start' | 'end' | null;
}

/** One line of a movement as the wire tells it; `place` is null outside of the account. */
export interface BookEntry {
  lotId: string;
  place: string | null;
  state: string;
  delta: number;
}

export interface BookMovement {
  movementId: string;
  kind: string;
  at: number;
  undoOf: string | null;
  undoneBy: string | null;
  entries: BookEntry[];
}

export interface BookToken {
  tokenId: string;
  secret: string;
  place: string;
  expiresAt: number;
  revoked: boolean;
  maximumUses: number | null;
  uses: number;
  exportAllowed: boolean;
}

export interface BookCertificate {
  serial: string;
  expiresAt: number;
  renewAfter: number;
}

export type InstanceState =
  | 'registered'
  | 'authorization-expired'
  | 'certificate-ended'
  | 'removed'
  | 'deregistered'
  | 'replaced';

export interface BookInstance {
  instanceId: string;
  productId: string;
  serialNumber: string;
  place: string;
  state: InstanceState;
  exportAllowed: boolean;
  /** By tag; `counted` says whether it counts in the pool. */
  usage: Map<string, { count: number; counted: boolean }>;
  lastSequence: number;
  lastContactAt: number;
  nextContactBy: number;
  deadlineAt: number;
  certificate: BookCertificate;
  previous: BookCertificate | null;
  /** Open alerts about this instance, with their severity. */
  connectAlert: 'minor' | 'major' | null;
  renewAlert: 'minor' | 'major' | null;
  duplicateAlert: boolean;
}

export interface BookMessage {
  kind: string;
  /** The payload as it was signed. */
  payload: string;
  answer: Record<string, unknown>;
  at: number;
}

export interface BookPlace {
  id: string;
  name: string;
  parentId: string | null;
  isDefault: boolean;
}

/** An alert about the end of a term, as the last run of the jobs had to leave it. */
export interface TermAlert {
  kind: 'licenses-expiring' | 'licenses-expired';
  place: string;
  lotId: string;
  quantity: number;
}

export interface BookAccount {
  accountId: string;
  name: string;
  exportCategory: string;
  sequencePolicy: 'flag' | 'refuse';
  places: Map<string, BookPlace>;
  lots: Map<string, BookLot>;
  /** By place, then by lot. */
  holdings: Map<string, Map<string, Quantities>>;
  movements: Map<string, BookMovement>;
  /** Movements that the server makes by itself and that were not seen yet, as text. */
  unseen: string[];
  tokens: Map<string, BookToken>;
  instances: Map<string, BookInstance>;
  /** Signed messages by `instance/message`, registrations by `register/message`. */
  messages: Map<string, BookMessage>;
  termAlerts: TermAlert[];
}

export interface BookLicense {
  licenseId: string;
  tag: string;
  exportControlled: boolean;
  overage: { kind: 'none' } | { kind: 'quantity'; quantity: number } | { kind: 'percent'; percent: number };
}

export interface BookSubstitution {
  upperTag: string;
  lowerTag: string;
  upperQuantity: number;
  lowerQuantity: number;
  priority: number;
}

export type ProductTerm =
  | { kind: 'perpetual' }
  | { kind: 'term'; months: number }
  | { kind: 'demo'; days: number };

export interface BookProduct {
  sku: string;
  grants: { tag: string; quantityPerUnit: number }[];
  term: ProductTerm;
}

export interface BookOrderLine {
  lineNumber: number;
  sku: string;
  quantity: number;
  accountId: string;
  place: string;
  startDate: string | null;
  state: string;
}

export interface BookOrder {
  orderNumber: string;
  lines: BookOrderLine[];
}

/** An answer that was given to an Idempotency-Key. */
export interface BookAnswer {
  request: string;
  status: number;
  body: string;
  at: number;
}

export interface Books {
  licenses: Map<string, BookLicense>;
  products: Map<string, BookProduct>;
  substitutions: BookSubstitution[];
  accounts: Map<string, BookAccount>;
  orders: Map<string, BookOrder>;
  answers: Map<string, BookAnswer>;
}

export const newBooks = (): Books => ({
  licenses: new Map(),
  products: new Map(),
  substitutions: [],
  accounts: new Map(),
  orders: new Map(),
  answers: new Map(),
});

/** Books of their own for an attempt: accounts are copied whole, what the attempt never changes is shared. */
export function copyFor(books: Books, accountId: string | 'all'): Books {
  const accounts = new Map(
    [...books.accounts].map(([id, account]) => [
      id,
      accountId === 'all' || id === accountId ? structuredClone(account) : account,
    ]),
  );
  return { ...books, accounts, orders: structuredClone(books.orders), answers: new Map(books.answers) };
}

export const isLiving = ({ state }: BookInstance): boolean =>
  state === 'registered' || state === 'authorization-expired';

export const noQuantities = (): Quantities => ({ pending: 0, available: 0, expired: 0 });

/** What lies of a lot in a place; made at zero where there is nothing yet. */
export function quantitiesOf(account: BookAccount, place: string, lotId: string): Quantities {
  const here = account.holdings.get(place) ?? new Map<string, Quantities>();
  account.holdings.set(place, here);
  const found = here.get(lotId) ?? noQuantities();
  here.set(lotId, found);
  return found;
}

/** Carries out entries; what is outside of the account is not kept as a place. */
export function post(account: BookAccount, entries: readonly BookEntry[]): void {
  for (const { place, lotId, state, delta } of entries) {
    if (place === null) continue;
    quantitiesOf(account, place, lotId)[state as HoldingState] += delta;
  }
}

/** A text that is equal for movements that do the same. */
export function movementText(kind: string, entries: readonly BookEntry[]): string {
  const lines = entries.map(
    ({ lotId, place, state, delta }) => `${place ?? 'outside'} ${lotId} ${state} ${delta}`,
  );
  return `${kind}: ${lines.sort().join('; ')}`;
}
