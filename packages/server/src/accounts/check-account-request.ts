import { identifierAsked, mayLearnOfAccount } from '@estover/domain/accounts';
import { checkAccountRequest } from '@estover/protocol';
import { loadGrants } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { type AccountRow, findAccountByDomain } from './accounts-store.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';

/** The id that is looked up where there is no account, so that there is as much to do as where there is one. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Whether the caller may learn that there is an account with an identifier: somebody of its company, or who belongs to it.
 * Everything is looked up whether there is one or not, so that the time says nothing either.
 */
export async function mayKnowOf(
  { trx, actor, now }: Context,
  domainIdentifier: string,
  account: AccountRow | undefined,
): Promise<boolean> {
  if (actor.kind !== 'person') return false;
  const grants = await loadGrants(trx, account?.accountId ?? nobody, actor.id, now);
  return grants.length > 0 || mayLearnOfAccount(domainIdentifier, actor.email);
}

export const checkAccountRequestHandler = view(checkAccountRequest, async (context, { body }) => {
  const isPublic = publicMailDomainsOf(context.installation);
  const asked = identifierAsked({ ...body, approverEmail: body.approverEmail ?? '' }, isPublic);
  if (!asked.ok) throw refusedAsking(asked);
  const { domainIdentifier } = asked.value;
  const account = await findAccountByDomain(context.trx, domainIdentifier);
  const mayKnow = await mayKnowOf(context, domainIdentifier, account);
  return {
    domainIdentifier,
    existing: account !== undefined && mayKnow ? { name: account.name, kind: account.kind } : null,
  };
});
