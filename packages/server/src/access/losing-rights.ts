import { type AdministratorGrant, administratorsMayLeave } from '@estover/domain/access';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { endPreviousSecret, lockKeysKnownTo, setApiKeyRevoked } from './api-keys-store.ts';
import { mayGiveEach } from './granting.ts';
import { administratorsOf, loadGrants } from './grants-store.ts';
import { someoneGetsInWithout } from './single-sign-on/settings-store.ts';

/** An API key that ended with what its maker lost. */
export interface EndedKey {
  apiKeyId: string;
  name: string;
}

/**
 * Whoever made or rotated a key knows a secret of it. So the keys of people that they could not make any more, with the
 * grants they have left, end with what they lose; of a key that somebody else rotated since, only the secret they know ends.
 * All others stay (decision 0006).
 */
export async function endKeysOf(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  personIds: readonly string[],
): Promise<EndedKey[]> {
  const ended: EndedKey[] = [];
  const keys = await lockKeysKnownTo(trx, accountId, personIds, now);
  for (const personId of personIds) {
    const theirs = keys.filter((key) => [key.madeByPerson, key.previousMadeByPerson].includes(personId));
    if (theirs.length === 0) continue;
    const left = {
      trx,
      grants: await loadGrants(trx, accountId, personId, now),
      actor: { kind: 'person' },
    } as const;
    const mayMake = await mayGiveEach(
      left,
      accountId,
      theirs.map((key) => ({ ...key, until: key.expiresAt })),
    );
    for (const [index, { apiKeyId, name, madeByPerson }] of theirs.entries()) {
      if (mayMake[index]) continue;
      if (madeByPerson === personId) {
        await setApiKeyRevoked(trx, apiKeyId, now);
        ended.push({ apiKeyId, name });
      } else await endPreviousSecret(trx, apiKeyId, now);
    }
  }
  return ended;
}

/** The end of an event's sentence: which keys went along. */
export const keysInWords = (ended: readonly EndedKey[]): string =>
  ended.length === 0
    ? ''
    : `, and revoked ${ended.length === 1 ? 'an API key' : `${ended.length} API keys`} they made with it`;

/**
 * Refuses to take the role from the last administrator, whether they have it by a grant or by a group, and from the last
 * one who gets in without the company's sign-in where that is required.
 */
export async function requireAdministratorStays(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  leaves: (grant: AdministratorGrant) => boolean,
  detail: string,
): Promise<void> {
  const administrators = await administratorsOf(trx, accountId, now);
  if (!administratorsMayLeave(leaves, administrators)) throw new Refused('last-administrator', detail);
  const stay = administrators
    .filter((each) => !each.expires && !leaves(each))
    .map(({ personId }) => personId);
  if (await someoneGetsInWithout(trx, accountId, stay)) return;
  throw new Refused(
    'break-glass-needed',
    'It is the last one who gets in when the company’s sign-in does not work.',
  );
}
