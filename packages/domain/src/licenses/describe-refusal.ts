import { HOLDING_STATES, type HoldingState } from './holding.ts';
import type { LicenseRefusal, LicenseRefusalCode, Shortage } from './refusals.ts';

type Descriptions = {
  readonly [Code in LicenseRefusalCode]: (refusal: Extract<LicenseRefusal, { code: Code }>) => string;
};

/** One entry per refusal, complete by type: what is wrong with the numbers, then what to do. */
const DESCRIPTIONS: Descriptions = {
  'reason-missing': () => 'A correction needs a reason. Say why the quantity is changed.',
  'virtual-accounts-the-same': () =>
    'The licenses are already in that virtual account. Choose another one to transfer to.',
  'lines-missing': () => 'Nothing was asked for. Name at least one license and quantity.',
  'quantity-invalid': ({ line, given, maximum }) =>
    `${inLine(line)}${given} is not a quantity. Give a whole number from 1 to ${maximum}.`,
  'term-invalid': ({ startsAt, endsAt }) =>
    `The term would end (${endsAt}) before it starts (${startsAt}). Correct the dates.`,
  'lot-named-twice': ({ line, lotId }) =>
    `${inLine(line)}lot ${lotId} is named twice. Name it once, with the whole quantity.`,
  'lots-do-not-add-up': ({ line, asked, named }) =>
    `${inLine(line)}${asked} asked, but the lots named add up to ${named}. Make the two equal.`,
  'lot-unknown': ({ lotId }) => `There is no lot ${lotId} in this account. Check the lot.`,
  'lot-not-in-pool': ({ line, lotId }) =>
    `${inLine(line)}lot ${lotId} is not one of this license in this virtual account. Choose a lot that is listed there.`,
  'lot-too-large': ({ asked, delivered, maximum }) =>
    `${delivered} were delivered of this lot and ${asked} more would exceed ${maximum}. Use another lot for the rest.`,
  'hold-ended': ({ holdId, endedBy }) =>
    `Hold ${holdId} has already been ${endedBy === 'post' ? 'carried out' : 'given back'}. Nothing is left to do.`,
  'not-a-transfer': ({ kind }) => `Only transfers can be undone; this movement is of kind ${kind}.`,
  'undo-of-undo': () =>
    'This movement is itself the undoing of a transfer. Make a new transfer to move the licenses again.',
  'already-undone': ({ undoneBy }) => `This transfer was already undone by movement ${undoneBy}.`,
  'undo-too-late': ({ undoableUntil }) =>
    `This transfer could be undone until ${undoableUntil}. Make a new transfer in the other direction.`,
  'nothing-to-start': () => 'No pending term has begun, so there is nothing to start.',
  'nothing-to-expire': () => 'No term is over, so there is nothing to expire.',
  'not-enough-in-state': ({ state, asked, found }) =>
    `Asked ${asked}, ${state} ${found[state]}${parenthesis(found, state)}. Ask for ${atMost(found[state])}.`,
  'not-enough-available': ({ lines }) => lines.map(describeShortage).join(' '),
  'substitution-quantity-invalid': ({ upperQuantity, lowerQuantity, maximum }) =>
    `${upperQuantity} to ${lowerQuantity} is not a ratio. Give two whole numbers from 1 to ${maximum}.`,
  'substitution-of-itself': () => 'A license cannot stand in for itself. Choose two different licenses.',
  'substitution-license-unknown': ({ licenseId }) =>
    `There is no license ${licenseId} in the catalog. Add it first.`,
  'export-classes-differ': ({ upperExportClass, lowerExportClass }) =>
    `A license of export class ${upperExportClass} cannot stand in for one of class ${lowerExportClass}. Choose licenses of the same class.`,
  'substitution-exists': () => 'This substitution is already there. Change its ratio or priority instead.',
  'substitution-cycle': ({ path }) =>
    `The lower license can already stand in for the upper one (${path.join(' → ')}). Remove a step of that way first.`,
};

/** A refusal in American English: what is wrong, with the numbers, and what to do next. For logs, APIs and commands. */
export function describeRefusal<Code extends LicenseRefusalCode>(
  refusal: Extract<LicenseRefusal, { code: Code }> & { readonly code: Code },
): string {
  const describe: (refusal: Extract<LicenseRefusal, { code: Code }>) => string = DESCRIPTIONS[refusal.code];
  return describe(refusal);
}

function describeShortage({ line, asked, available, elsewhere, lotId }: Shortage): string {
  const where = lotId === null ? '' : ` of lot ${lotId}`;
  const others = parenthesis({ ...elsewhere, available }, 'available');
  return `Line ${line + 1}: asked ${asked}${where}, available ${available}${others}. Ask for ${atMost(available)}.`;
}

function parenthesis(quantities: Readonly<Record<HoldingState, number>>, except: HoldingState): string {
  const others = HOLDING_STATES.filter((state) => state !== except && quantities[state] > 0);
  if (others.length === 0) return '';
  return ` (${others.map((state) => `${state} ${quantities[state]}`).join(', ')})`;
}

function atMost(quantity: number): string {
  return quantity === 0 ? 'another license or lot' : `${quantity} or fewer`;
}

function inLine(line: number | null): string {
  return line === null ? '' : `Line ${line + 1}: `;
}
