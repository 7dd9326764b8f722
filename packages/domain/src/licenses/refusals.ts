import type { Refusal } from '../refusal.ts';
import type { HoldingState } from './holding.ts';

/** What there is besides available units; tells a person where the missing ones are. */
export type Elsewhere = Readonly<Record<Exclude<HoldingState, 'available'>, number>>;

/**
 * One line that asks for more than is available. `line` counts from 0 in the order of the request; `lotId` is
 * given when the line (or the movement undone) names that lot, otherwise the numbers are those of the pool.
 */
export type Shortage = {
  readonly line: number;
  readonly licenseId: string;
  readonly lotId: string | null;
  readonly asked: number;
  readonly available: number;
  readonly elsewhere: Elsewhere;
};

// The request is not well formed, whatever the ledger says.
export type ReasonMissing = Refusal<'reason-missing'>;
export type LinesMissing = Refusal<'lines-missing'>;
/** `given` is text, because NaN and infinity have no JSON form. `line` is null when there is only one quantity. */
export type QuantityInvalid = Refusal<
  'quantity-invalid',
  { readonly line: number | null; readonly given: string; readonly maximum: number }
>;
export type TermInvalid = Refusal<
  'term-invalid',
  { readonly startsAt: Temporal.Instant; readonly endsAt: Temporal.Instant }
>;
export type VirtualAccountsTheSame = Refusal<
  'virtual-accounts-the-same',
  { readonly virtualAccountId: string }
>;
export type LotNamedTwice = Refusal<'lot-named-twice', { readonly line: number; readonly lotId: string }>;
export type LotsDoNotAddUp = Refusal<
  'lots-do-not-add-up',
  { readonly line: number; readonly asked: number; readonly named: number }
>;

// The ledger does not allow it.
export type LotUnknown = Refusal<'lot-unknown', { readonly lotId: string }>;
export type LotNotInPool = Refusal<
  'lot-not-in-pool',
  { readonly line: number; readonly lotId: string; readonly licenseId: string }
>;
export type LotTooLarge = Refusal<
  'lot-too-large',
  { readonly lotId: string; readonly asked: number; readonly delivered: number; readonly maximum: number }
>;
export type NotEnoughAvailable = Refusal<'not-enough-available', { readonly lines: readonly Shortage[] }>;
export type NotEnoughInState = Refusal<
  'not-enough-in-state',
  {
    readonly lotId: string;
    readonly state: HoldingState;
    readonly asked: number;
    readonly found: Readonly<Record<HoldingState, number>>;
  }
>;
export type NothingToStart = Refusal<'nothing-to-start'>;
export type NothingToExpire = Refusal<'nothing-to-expire'>;
export type HoldEnded = Refusal<'hold-ended', { readonly holdId: string; readonly endedBy: 'post' | 'void' }>;

// Undo.
export type NotATransfer = Refusal<'not-a-transfer', { readonly movementId: string; readonly kind: string }>;
export type UndoOfUndo = Refusal<'undo-of-undo', { readonly movementId: string; readonly undoes: string }>;
export type AlreadyUndone = Refusal<
  'already-undone',
  { readonly movementId: string; readonly undoneBy: string }
>;
export type UndoTooLate = Refusal<
  'undo-too-late',
  {
    readonly movementId: string;
    readonly transferredAt: Temporal.Instant;
    readonly undoableUntil: Temporal.Instant;
  }
>;

// Substitution.
export type SubstitutionQuantityInvalid = Refusal<
  'substitution-quantity-invalid',
  { readonly upperQuantity: string; readonly lowerQuantity: string; readonly maximum: number }
>;
export type SubstitutionOfItself = Refusal<'substitution-of-itself', { readonly licenseId: string }>;
export type SubstitutionLicenseUnknown = Refusal<
  'substitution-license-unknown',
  { readonly licenseId: string }
>;
export type ExportClassesDiffer = Refusal<
  'export-classes-differ',
  { readonly upperExportClass: string; readonly lowerExportClass: string }
>;
export type SubstitutionExists = Refusal<
  'substitution-exists',
  { readonly upperLicenseId: string; readonly lowerLicenseId: string }
>;
/** `path` goes from the lower license of the new edge, down what exists, to its upper license. */
export type SubstitutionCycle = Refusal<'substitution-cycle', { readonly path: readonly string[] }>;

/** Every refusal of this capability. Closed: a new rule adds its name here and its sentence in `describe-refusal.ts`. */
export type LicenseRefusal =
  | ReasonMissing
  | LinesMissing
  | QuantityInvalid
  | TermInvalid
  | VirtualAccountsTheSame
  | LotNamedTwice
  | LotsDoNotAddUp
  | LotUnknown
  | LotNotInPool
  | LotTooLarge
  | NotEnoughAvailable
  | NotEnoughInState
  | NothingToStart
  | NothingToExpire
  | HoldEnded
  | NotATransfer
  | UndoOfUndo
  | AlreadyUndone
  | UndoTooLate
  | SubstitutionQuantityInvalid
  | SubstitutionOfItself
  | SubstitutionLicenseUnknown
  | ExportClassesDiffer
  | SubstitutionExists
  | SubstitutionCycle;

export type LicenseRefusalCode = LicenseRefusal['code'];

/**
 * The order of precedence: when several rules are broken at once, the refusal with the lowest number is given.
 * The numbers also tell kinds apart: below 100 the request itself is wrong, from 100 on it is the state of the ledger
 * or the catalog that does not allow it.
 */
export const REFUSAL_PRECEDENCE: Readonly<Record<LicenseRefusalCode, number>> = {
  'reason-missing': 1,
  'virtual-accounts-the-same': 2,
  'lines-missing': 3,
  'quantity-invalid': 4,
  'term-invalid': 5,
  'lot-named-twice': 6,
  'lots-do-not-add-up': 7,
  'substitution-quantity-invalid': 8,
  'substitution-of-itself': 9,
  'substitution-license-unknown': 10,
  'not-a-transfer': 11,
  'undo-of-undo': 12,
  'export-classes-differ': 13,
  'lot-unknown': 100,
  'lot-not-in-pool': 101,
  'lot-too-large': 102,
  'hold-ended': 103,
  'already-undone': 104,
  'undo-too-late': 105,
  'nothing-to-start': 106,
  'nothing-to-expire': 107,
  'substitution-exists': 108,
  'substitution-cycle': 109,
  'not-enough-in-state': 110,
  'not-enough-available': 111,
};
