import { reachOf, sellerOf } from '@estover/domain/access';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import type { Authentication } from '../edge/serve.ts';
import { makerOfKey } from './api-keys-store.ts';

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
 * Cuts what the transaction of a request shows to what a partner may see: of a limited one the lots of their seller alone,
 * and of every partner with roles in parts of the account no restricted names above what they were granted. An API key is
 * shown what its maker is told.
 */
export const showPartner: Authentication['cutFor'] = async ({ trx, actor, grants }, accountId, reads) => {
  const seller = sellerOf(grants);
  if (seller !== null) await sql`select cut_to_sold_lots(${seller})`.execute(trx);
  if (reachOf(grants, 'view-events').kind !== 'virtual-accounts') return;
  const email = await emailOf({ trx, actor }, accountId);
  if (email === null) return;
  await hideRestrictedNames(trx, accountId, email, grants, reads === 'marked-names' ? 'marked' : 'on');
};

/** Whose mail address says whether the caller is a partner; null for keys that nobody made. */
async function emailOf(
  { trx, actor }: Pick<Context, 'trx' | 'actor'>,
  accountId: string,
): Promise<string | null> {
  if (actor.kind === 'person')
    return actor.viewing?.accountId === accountId ? actor.viewing.email : actor.email;
  const personId = actor.kind === 'api-key' ? await makerOfKey(trx, actor) : null;
  if (personId === null) return null;
  const maker = await trx.selectFrom('people').select('email').where('id', '=', personId).executeTakeFirst();
  return maker?.email ?? null;
}

/**
 * Hides restricted names above what a partner was granted from what the transaction reads from now on, until
 * `showAllNames`; of one who was granted nothing, every restricted name. Nothing happens for a person of the account's own
 * company, or with a role in all of it. `marked` names are still read, between signs (`hidden-names.ts`).
 */
export async function hideRestrictedNames(
  trx: Trx,
  accountId: string,
  email: string,
  grants: Context['grants'],
  how: 'on' | 'marked' = 'on',
): Promise<void> {
  // Every role has its events, so this action reaches exactly as far as the grants themselves.
  const reach = reachOf(grants, 'view-events');
  if (reach.kind === 'everything') return;
  const roots = reach.kind === 'nothing' ? [] : reach.roots;
  const ids = (nested: boolean) =>
    roots
      .filter((root) => root.nested === nested)
      .map((root) => root.virtualAccountId)
      .join();
  await sql`
    select set_config('estover.hides_restricted', ${how}, true), set_config('estover.granted_alone', ${ids(false)}, true),
           set_config('estover.granted_nested', ${ids(true)}, true)
      from accounts where account_id = ${accountId} and ${isPartnerSql(sql`domain_identifier`, sql`${email}::text`)}`.execute(
    trx,
  );
}

/** Hides every restricted name from what the transaction reads until `showAllNames`: the publisher's staff read it. */
export async function hideAllRestrictedNames(trx: Trx): Promise<void> {
  await sql`
    select set_config('estover.hides_restricted', 'on', true), set_config('estover.granted_alone', '', true),
           set_config('estover.granted_nested', '', true)`.execute(trx);
}

/** Ends `hideRestrictedNames`, for a transaction that goes on with somebody else. */
export async function showAllNames(trx: Trx): Promise<void> {
  await sql`select set_config('estover.hides_restricted', 'off', true)`.execute(trx);
}

/** Who of these readers are partners with roles in parts of the account, so that names may be hidden from them. */
export async function partnersInParts(
  trx: Trx,
  readers: readonly { accountId: string; personId: string }[],
  now: Temporal.Instant,
): Promise<{ accountId: string; personId: string; email: string }[]> {
  const { rows } = await sql<{ accountId: string; personId: string; email: string }>`
    select distinct given.account_id as "accountId", p.id as "personId", p.email
      from unnest(${readers.map(({ accountId }) => accountId)}::uuid[], ${readers.map(({ personId }) => personId)}::text[])
             as given(account_id, person_id)
      join people p on p.id = given.person_id
      join accounts a on a.account_id = given.account_id
     where ${isPartnerSql(sql`a.domain_identifier`, sql`p.email`)} and not exists (
       select from held_grants g
        where g.account_id = given.account_id and g.person_id = p.id and g.scope_kind = 'account'
          and (g.until is null or g.until > ${now}))`.execute(trx);
  return rows;
}
