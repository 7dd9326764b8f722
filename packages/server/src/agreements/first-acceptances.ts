import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import {
  insertAcceptances,
  type NewAcceptance,
  newestVersions,
  type VersionRow,
} from './agreements-store.ts';

/**
 * Notes that a new account has accepted everything there is: by the person who accepts the account, or elsewhere, for which
 * the operator vouches who makes it.
 */
export async function acceptAll(
  { trx, now, from }: Pick<Context, 'trx' | 'now' | 'from'>,
  accountId: string,
  by: NewAcceptance['by'],
): Promise<VersionRow[]> {
  const versions = await newestVersions(trx);
  await insertAcceptances(
    trx,
    versions.map((version) => ({ accountId, version, by, from: by === 'elsewhere' ? null : from, now })),
  );
  return versions;
}

/**
 * Refuses when what was read is not the newest version of every agreement.
 *
 * @throws Refused `agreement-version`
 */
export async function requireNewest(
  { trx }: Pick<Context, 'trx'>,
  read: readonly { agreement: string; version: number }[],
): Promise<void> {
  for (const { agreement, title, version } of await newestVersions(trx)) {
    if (read.some((each) => each.agreement === agreement && each.version === version)) continue;
    throw new Refused('agreement-version', `${title} is at version ${version}.`, { agreement, version });
  }
}
