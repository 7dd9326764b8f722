import type { Place, PlaceRefusal } from '@estover/domain/accounts';
import type { virtualAccount } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { findVirtualAccount, type VirtualAccountRow, visibleScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { carriedTags } from './carried-tags.ts';
import { ancestorsOf, siblingsNamed } from './virtual-accounts-store.ts';

/** The facts of a place below `parent` (null: at the top), as far as virtual accounts with these names care. */
export async function placeUnder(
  trx: Trx,
  accountId: string,
  parent: VirtualAccountRow | null,
  names: readonly string[],
): Promise<Place> {
  const siblings = await siblingsNamed(trx, accountId, parent?.virtualAccountId ?? null, names);
  if (parent === null) return { parent: null, siblings };
  const { virtualAccountId, depth } = parent;
  const ancestorIds = await ancestorsOf(trx, accountId, virtualAccountId);
  return { parent: { virtualAccountId, depth, ancestorIds }, siblings };
}

/** A refusal of a place in words, with the place's name. */
export function refusedPlace(refusal: PlaceRefusal, parent: VirtualAccountRow | null): Refused {
  const where = parent === null ? 'at the top' : `in ${parent.path.join(' / ')}`;
  switch (refusal.code) {
    case 'nested-in-itself':
      return new Refused('nested-in-itself', `The place ${where} lies inside the virtual account itself.`);
    case 'nested-too-deep':
      return new Refused(
        'nested-too-deep',
        `${where.replace(/^\w/, (first) => first.toUpperCase())} it would reach level ${refusal.depth}; the deepest is ${refusal.maximumDepth}.`,
        { depth: refusal.depth, maximumDepth: refusal.maximumDepth },
      );
    case 'name-taken':
      return new Refused('name-taken', `There is a virtual account named ${refusal.name} ${where} already.`, {
        name: refusal.name,
      });
  }
}

/** An id in a body or query that names no virtual account, or none the caller may see. */
export const unknownVirtualAccount = (id: string | null): Refused =>
  new Refused('unknown-virtual-account', `There is no virtual account ${id} here that you may see.`, {
    virtualAccountId: id,
  });

/** A virtual account as it is after a change, for the answer; `children` counts those the caller may see. */
export async function virtualAccountAnswer(
  context: Context,
  accountId: string,
  virtualAccountId: string,
): Promise<z.output<typeof virtualAccount>> {
  const row = await findVirtualAccount(context.trx, accountId, virtualAccountId);
  if (row === undefined) throw new Error(`virtual account ${virtualAccountId} was there a moment ago`);
  const { children } = await context.trx
    .selectFrom('virtual_accounts')
    .select(({ fn }) => fn.countAll<number>().as('children'))
    .where('account_id', '=', accountId)
    .where('parent_id', '=', virtualAccountId)
    .where('deleted_at', 'is', null)
    .where(visibleScope(context, accountId).includes(sql.ref('virtual_account_id')))
    .executeTakeFirstOrThrow();
  const tags = await carriedTags(context.trx, accountId, [virtualAccountId]);
  return { ...row, children, tags: tags.get(virtualAccountId) ?? [] };
}
