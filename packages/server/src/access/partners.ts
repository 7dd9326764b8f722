import { reachOf, sellerOf } from '@estover/domain/access';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';

/** SQL: the domain's `isPartner` for an identifier and a mail address. */
export const isPartnerSql = (
  identifier: RawBuilder<unknown>,
  email: RawBuilder<unknown>,
): RawBuilder<SqlBool> => {
  const mailDomain = sql`split_part(${email}, '@', -1)`;
  return sql<SqlBool>`(not case when strpos(${identifier}, '@') > 0 then ${identifier} = ${email}
    else ${identifier} = ${mailDomain} or right(${identifier}, length(${mailDomain}) + 1) = '.' || ${mailDomain} end)`;
};

/**
 * Cuts what the transaction of a view shows to what a partner may see: of a limited one the lots of their seller alone,
 * and of every partner with roles in parts of the account no restricted names above what they were granted.
 */
export async function showPartner(
  { trx, actor, grants }: Pick<Context, 'trx' | 'actor' | 'grants'>,
  accountId: string,
): Promise<void> {
  const seller = sellerOf(grants);
  if (seller !== null) await sql`select cut_to_sold_lots(${seller})`.execute(trx);
  if (actor.kind !== 'person') return;
  const seenBy = actor.viewing?.accountId === accountId ? actor.viewing : actor;
  await hideRestrictedNames(trx, accountId, seenBy.email, grants);
}

async function hideRestrictedNames(
  trx: Trx,
  accountId: string,
  email: string,
  grants: Context['grants'],
): Promise<void> {
  // Every role has its events, so this action reaches exactly as far as the grants themselves.
  const reach = reachOf(grants, 'view-events');
  if (reach.kind !== 'virtual-accounts') return;
  const ids = (nested: boolean) =>
    reach.roots
      .filter((root) => root.nested === nested)
      .map((root) => root.virtualAccountId)
      .join();
  await sql`
    select set_config('estover.hides_restricted', 'on', true), set_config('estover.granted_alone', ${ids(false)}, true),
           set_config('estover.granted_nested', ${ids(true)}, true)
      from accounts where account_id = ${accountId} and ${isPartnerSql(sql`domain_identifier`, sql`${email}::text`)}`.execute(
    trx,
  );
}
