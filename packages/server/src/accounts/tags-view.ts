import type { tagKey } from '@estover/protocol';
import { listTagKeys } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { visibleScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { loadTagKeys } from './tags-store.ts';

type TagKeyAnswer = z.output<typeof tagKey>;

/** What is defined is seen by everybody with a role in the account, which the publisher's staff have not. */
export const listTagKeysHandler = view(listTagKeys, async (context, { params: { accountId } }) => ({
  items: context.grants.length === 0 ? [] : await tagKeyAnswers(context, accountId),
}));

/** The tag keys of an account, each with how many of the virtual accounts the caller may see carry it. */
async function tagKeyAnswers(context: Context, accountId: string): Promise<TagKeyAnswer[]> {
  const { trx } = context;
  const keys = await loadTagKeys(trx, accountId);
  const { rows } = await sql<{ tagValueId: string; carrying: number }>`
    select tag_value_id as "tagValueId", count(*) as carrying from virtual_account_tags
     where account_id = ${accountId} and ${visibleScope(context, accountId).includes(sql.ref('virtual_account_id'))}
     group by 1`.execute(trx);
  const carryingOf = new Map(rows.map(({ tagValueId, carrying }) => [tagValueId, carrying]));
  return keys.map(({ values, ...key }) => {
    const counted = values.map((value) => ({
      ...value,
      virtualAccounts: carryingOf.get(value.tagValueId) ?? 0,
    }));
    // A virtual account carries at most one value of a key, so none is counted twice.
    return {
      ...key,
      virtualAccounts: counted.reduce((sum, { virtualAccounts }) => sum + virtualAccounts, 0),
      values: counted,
    };
  });
}

/** A tag key as it is after a change, for the answer. */
export async function tagKeyAnswer(
  context: Context,
  accountId: string,
  tagKeyId: string,
): Promise<TagKeyAnswer> {
  const found = (await tagKeyAnswers(context, accountId)).find((key) => key.tagKeyId === tagKeyId);
  if (found === undefined) throw new Error(`tag key ${tagKeyId} was there a moment ago`);
  return found;
}
