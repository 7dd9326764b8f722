import type { AnswerOf, listLicenseMovements } from '@estover/protocol';
import type { Reason } from '../../account.tsx';
import { formatNumber, formatPath } from '../../format.ts';

export type Movement = AnswerOf<typeof listLicenseMovements>['items'][number];

const kindWords: Record<Movement['kind'], string> = {
  deposit: 'Delivered',
  transfer: 'Moved',
  reserve: 'Reserved',
  'return-reservation': 'Reservation returned',
  authorize: 'Authorized',
  'return-authorization': 'Authorization returned',
  hold: 'Held',
  post: 'Hold completed',
  void: 'Hold released',
  expire: 'Ended',
  start: 'Started',
  'convert-in': 'Converted',
  correct: 'Withdrawn',
  'carry-out': 'Went to another account:',
  'carry-in': 'Came from another account:',
};

/** One sentence on a movement: what, how many, from where to where. */
export function movementSentence(movement: Movement): string {
  const places = new Map<string, number>();
  let quantity = 0;
  for (const { virtualAccountId, virtualAccountPath, delta } of movement.entries) {
    if (delta > 0) quantity += delta;
    if (virtualAccountId === null) continue;
    const path = formatPath(virtualAccountPath);
    places.set(path, (places.get(path) ?? 0) + delta);
  }
  const named = [...places];
  const from = named.filter(([, delta]) => delta < 0).map(([path]) => path);
  const to = named.filter(([, delta]) => delta > 0).map(([path]) => path);
  const stays = from.length + to.length === 0 ? named.map(([path]) => path) : [];
  return [
    `${kindWords[movement.kind]} ${formatNumber(quantity)}`,
    ...(from.length > 0 ? [`from ${from.join(', ')}`] : []),
    ...(to.length > 0 ? [`to ${to.join(', ')}`] : []),
    ...(stays.length > 0 ? [`in ${stays.join(', ')}`] : []),
  ].join(' ');
}

/** Why a movement cannot be undone (any more); null where it can. */
export function undoReason(movement: Movement, now = Date.now()): Reason {
  if (movement.undoneBy !== null) return 'It was undone already.';
  if (movement.undoOf !== null) return 'It is itself an undo. Make a new transfer.';
  if (movement.undoableUntil === null) return 'Only transfers can be undone.';
  if (Date.parse(movement.undoableUntil) <= now)
    return 'A transfer can be undone for 7 days. Make an opposite one.';
  return null;
}
