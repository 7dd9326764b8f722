import { type AdministratorGrant, administratorsMayLeave } from '@estover/domain/access';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { endPreviousSecretsOf, lockKeysMadeBy, setApiKeyRevoked } from './api-keys-store.ts';
import { mayGiveAll } from './granting.ts';
import { administratorsOf, loadGrants } from './grants-store.ts';
import { someoneGetsInWithout } from './single-sign-on/settings-store.ts';

/** An API key that ended with what its maker lost. */
export interface EndedKey {
  apiKeyId: string;
  name: string;
}

/**
 * Whoever made a key knows its secret. So the keys of people that they could not make any more, with the grants they
 * have left, end with what they lose; the others stay (decision 0006).
 */
export async function endKeysOf(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  personIds: readonly string[],
): Promise<EndedKey[]> {
  const ended: EndedKey[] = [];
  await endPreviousSecretsOf(trx, accountId, personIds, now);
  const keys = await lockKeysMadeBy(trx, accountId, personIds, now);
  for (const [personId, theirs] of Map.groupBy(keys, ({ madeByPerson }) => madeByPerson)) {
    const left = {
      trx,
      grants: await loadGrants(trx, accountId, personId, now),
      actor: { kind: 'person' },
    } as const;
    for (const key of theirs) {
      if (await mayGiveAll(left, accountId, [{ ...key, until: key.expiresAt }])) continue;
      await setApiKeyRevoked(trx, key.apiKeyId, now);
      ended.push({ apiKeyId: key.apiKeyId, name: key.name });
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
