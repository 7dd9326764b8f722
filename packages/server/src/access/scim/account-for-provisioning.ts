import type { AccountKind } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../../database/database.ts';
import { notFound } from '../../edge/refused.ts';
import { loadMailDomains } from '../single-sign-on/mail-domains-store.ts';

/** What of an account decides which people its identity provider may say anything of. */
export async function accountForProvisioning(
  trx: Trx,
  accountId: string,
): Promise<{
  accountId: string;
  name: string;
  kind: AccountKind;
  domainIdentifier: string;
  provedDomains: string[];
}> {
  const account = await trx
    .selectFrom('accounts')
    .select([
      'account_id as accountId',
      'name',
      sql<AccountKind>`kind`.as('kind'),
      'domain_identifier as domainIdentifier',
    ])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined) throw notFound('account');
  const domains = await loadMailDomains(trx, accountId);
  const provedDomains = domains.filter(({ provedAt }) => provedAt !== null).map(({ domain }) => domain);
  return { ...account, provedDomains };
}
