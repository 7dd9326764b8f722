import type { carriedTag, listVirtualAccounts } from '@estover/protocol';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../database/database.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';

export type CarriedTag = z.output<typeof carriedTag>;

/** The tags that virtual accounts carry, by id, in the order of their keys; without an entry for those that carry none. */
export async function carriedTags(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[] | 'all',
): Promise<Map<string, CarriedTag[]>> {
  const wanted =
    virtualAccountIds === 'all'
      ? sql`true`
      : sql`c.virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`;
  const { rows } = await sql<CarriedTag & { virtualAccountId: string }>`
    select c.virtual_account_id as "virtualAccountId", k.tag_key_id as "tagKeyId", k.name as key,
           v.tag_value_id as "tagValueId", v.name as value
      from virtual_account_tags c
      join tag_keys k on k.account_id = c.account_id and k.tag_key_id = c.tag_key_id
      join tag_values v on v.account_id = c.account_id and v.tag_value_id = c.tag_value_id
     where c.account_id = ${accountId} and ${wanted}
     order by k.name_key`.execute(trx);
  const tags = new Map<string, CarriedTag[]>();
  for (const { virtualAccountId, ...tag } of rows) {
    const before = tags.get(virtualAccountId);
    if (before === undefined) tags.set(virtualAccountId, [tag]);
    else before.push(tag);
  }
  return tags;
}

/** SQL: whether the column's virtual account carries the chosen tag. */
export type Carries = (column: RawBuilder<unknown> | Expression<unknown>) => RawBuilder<SqlBool>;

/** The tag by which a list is narrowed, as a condition; null when none is chosen. One that is not there is refused. */
export async function chosenTag(
  trx: Trx,
  accountId: string,
  { tagKeyId, tagValueId }: Pick<Input<typeof listVirtualAccounts>['query'], 'tagKeyId' | 'tagValueId'>,
): Promise<Carries | null> {
  if (tagKeyId === undefined && tagValueId === undefined) return null;
  const chosen = sql`account_id = ${accountId}
     and (${tagKeyId ?? null}::uuid is null or tag_key_id = ${tagKeyId ?? null}::uuid)
     and (${tagValueId ?? null}::uuid is null or tag_value_id = ${tagValueId ?? null}::uuid)`;
  const { rows } = await sql`select from tag_values where ${chosen} limit 1`.execute(trx);
  if (rows.length === 0) throw unknownTag(tagValueId ?? tagKeyId);
  return (column) =>
    sql<SqlBool>`${column} in (select virtual_account_id from virtual_account_tags where ${chosen})`;
}

/** An id that names no tag key or value of the account, or a value that its key does not allow. */
export const unknownTag = (id: string | undefined): Refused =>
  new Refused('unknown-tag-value', `There is no tag key or value ${id} like this in the account.`, { id });
