import { nameKey, type TagChoice, type TagKey, type TagValue } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * Tag keys, their values, and which virtual account carries which. Callers hold the account's row (`lockAccount`), so
 * that what is defined stands still while they decide.
 */

/** The tag keys of an account and their values, by name. */
export async function loadTagKeys(trx: Trx, accountId: string): Promise<TagKey[]> {
  const { rows } = await sql<TagKey>`
    select k.tag_key_id as "tagKeyId", k.name,
           jsonb_agg(jsonb_build_object('tagValueId', v.tag_value_id, 'name', v.name) order by v.name_key) as values
      from tag_keys k
      join tag_values v on v.account_id = k.account_id and v.tag_key_id = k.tag_key_id
     where k.account_id = ${accountId}
     group by k.account_id, k.tag_key_id
     order by k.name_key`.execute(trx);
  return rows;
}

export async function insertTagKey(
  trx: Trx,
  accountId: string,
  key: TagKey,
  createdAt: Temporal.Instant,
): Promise<void> {
  await trx
    .insertInto('tag_keys')
    .values({
      account_id: accountId,
      tag_key_id: key.tagKeyId,
      name: key.name,
      name_key: nameKey(key.name),
      created_at: createdAt,
    })
    .execute();
  await insertValues(trx, accountId, key.tagKeyId, key.values);
}

/** Saves a key and its values as they are after a change. Values that go are taken from those that carry them. */
export async function saveTagKey(trx: Trx, accountId: string, before: TagKey, after: TagKey): Promise<void> {
  const { tagKeyId } = after;
  const known = new Map(before.values.map(({ tagValueId, name }) => [tagValueId, name]));
  const renamed = after.values.filter(
    ({ tagValueId, name }) => known.has(tagValueId) && known.get(tagValueId) !== name,
  );
  const added = after.values.filter(({ tagValueId }) => !known.has(tagValueId));
  const kept = new Set(after.values.map(({ tagValueId }) => tagValueId));
  await removeValues(
    trx,
    accountId,
    tagKeyId,
    before.values.map(({ tagValueId }) => tagValueId).filter((id) => !kept.has(id)),
  );
  await trx
    .updateTable('tag_keys')
    .set({ name: after.name, name_key: nameKey(after.name) })
    .where('account_id', '=', accountId)
    .where('tag_key_id', '=', tagKeyId)
    .execute();
  await sql`
    update tag_values v set name = renamed.name, name_key = renamed.name_key
      from unnest(${renamed.map(({ tagValueId }) => tagValueId)}::uuid[], ${renamed.map(({ name }) => name)}::text[],
                  ${renamed.map(({ name }) => nameKey(name))}::text[]) as renamed (tag_value_id, name, name_key)
     where v.account_id = ${accountId} and v.tag_value_id = renamed.tag_value_id`.execute(trx);
  await insertValues(trx, accountId, tagKeyId, added);
}

/** Removes a key with its values, also from those that carry one. */
export async function removeTagKey(trx: Trx, accountId: string, { tagKeyId, values }: TagKey): Promise<void> {
  await removeValues(
    trx,
    accountId,
    tagKeyId,
    values.map(({ tagValueId }) => tagValueId),
  );
  await trx
    .deleteFrom('tag_keys')
    .where('account_id', '=', accountId)
    .where('tag_key_id', '=', tagKeyId)
    .execute();
}

/** So many carriers an event names; it says how many there are in all. */
const mostNamed = 100;

/** How many virtual accounts carry one of the values of a key, and the ids of the first hundred. */
export async function carriersOf(
  trx: Trx,
  accountId: string,
  tagKeyId: string,
  tagValueIds: readonly string[],
): Promise<{ count: number; named: string[] }> {
  if (tagValueIds.length === 0) return { count: 0, named: [] };
  const carriers = trx
    .selectFrom('virtual_account_tags')
    .where('account_id', '=', accountId)
    .where('tag_key_id', '=', tagKeyId)
    .where('tag_value_id', 'in', tagValueIds);
  const { count } = await carriers
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const rows = await carriers
    .select('virtual_account_id as id')
    .orderBy('virtual_account_id')
    .limit(mostNamed)
    .execute();
  return { count, named: rows.map(({ id }) => id) };
}

/** Sets and clears values of a virtual account. */
export async function saveTags(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  choices: readonly TagChoice[],
): Promise<void> {
  await trx
    .deleteFrom('virtual_account_tags')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .where(
      'tag_key_id',
      'in',
      choices.map(({ tagKeyId }) => tagKeyId),
    )
    .execute();
  const set = choices.flatMap(({ tagKeyId, tagValueId }) =>
    tagValueId === null
      ? []
      : [
          {
            account_id: accountId,
            virtual_account_id: virtualAccountId,
            tag_key_id: tagKeyId,
            tag_value_id: tagValueId,
          },
        ],
  );
  if (set.length > 0) await trx.insertInto('virtual_account_tags').values(set).execute();
}

/** Takes all tags from a virtual account that is deleted. */
export async function clearTags(trx: Trx, accountId: string, virtualAccountId: string): Promise<void> {
  await trx
    .deleteFrom('virtual_account_tags')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .execute();
}

async function insertValues(
  trx: Trx,
  accountId: string,
  tagKeyId: string,
  values: readonly TagValue[],
): Promise<void> {
  if (values.length === 0) return;
  await trx
    .insertInto('tag_values')
    .values(
      values.map(({ tagValueId, name }) => ({
        account_id: accountId,
        tag_value_id: tagValueId,
        tag_key_id: tagKeyId,
        name,
        name_key: nameKey(name),
      })),
    )
    .execute();
}

async function removeValues(
  trx: Trx,
  accountId: string,
  tagKeyId: string,
  tagValueIds: readonly string[],
): Promise<void> {
  if (tagValueIds.length === 0) return;
  for (const table of ['virtual_account_tags', 'tag_values'] as const) {
    await trx
      .deleteFrom(table)
      .where('account_id', '=', accountId)
      .where('tag_key_id', '=', tagKeyId)
      .where('tag_value_id', 'in', tagValueIds)
      .execute();
  }
}
