import { accept, type Decision } from '../../refusal.ts';
import { holdingPlace, type Place } from '../holding.ts';
import type { TermState } from '../lot.ts';
import type { HoldEnded } from '../refusals.ts';
import { type EndHoldFacts, endHoldEntries, findHoldEnded } from './end-hold.ts';
import type { Post } from './movement.ts';

/**
 * Where held units go: to a virtual account as its own, locked to a product instance where they are, or out of the
 * account (the other account deposits them).
 */
export type PostDestination =
  | { readonly kind: 'virtual-account'; readonly virtualAccountId: string }
  | { readonly kind: 'reserved' }
  | { readonly kind: 'withdrawn' };

export type PostRequest = { readonly to: PostDestination; readonly reason?: string | undefined };

/**
 * Carries out what the units were held for. Units whose term ended in between arrive expired in a virtual account,
 * and are not reserved any more but expire where they are; what leaves the account leaves in any case.
 */
export function post(
  facts: EndHoldFacts,
  request: PostRequest,
  at: Temporal.Instant,
): Decision<Post, HoldEnded> {
  const ended = findHoldEnded(facts);
  if (ended) return ended;
  // Nothing is refused below this line.
  const { hold } = facts;
  const entries = endHoldEntries(facts, at, (lotId, termState) =>
    destinationOf(request.to, hold.virtualAccountId, lotId, termState),
  );
  return accept({ kind: 'post', at, reason: request.reason ?? null, hold, entries });
}

function destinationOf(to: PostDestination, home: string, lotId: string, termState: TermState): Place {
  if (to.kind === 'withdrawn') return { kind: 'withdrawn', lotId };
  if (to.kind === 'virtual-account') return holdingPlace(to.virtualAccountId, lotId, termState);
  return holdingPlace(home, lotId, termState === 'expired' ? 'expired' : 'reserved');
}
