import { maximumTagKeys, maximumTagValues, nameKey, type TagKey } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Crossing } from '../licenses/index.ts';
import { insertTagKey, loadTagKeys } from './tags-store.ts';

/** Keys and values that were made because something came that carried them, by id. */
export interface CarriedTags {
  keys: string[];
  values: string[];
}

/** A value that is carried, with its key. */
interface CarriedValue {
  tagKeyId: string;
  tagValueId: string;
  key: string;
  value: string;
}

/** What virtual accounts carry, each value once. */
async function carriedValues(trx: Trx, crossing: Crossing): Promise<CarriedValue[]> {
  const { rows } = await sql<CarriedValue>`
    select distinct k.tag_key_id as "tagKeyId", v.tag_value_id as "tagValueId", k.name as key, v.name as value
      from virtual_account_tags c
      join tag_keys k on k.account_id = c.account_id and k.tag_key_id = c.tag_key_id
      join tag_values v on v.account_id = c.account_id and v.tag_value_id = c.tag_value_id
     where c.account_id = ${crossing.fromAccountId}
       and c.virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[])
     order by k.name, v.name`.execute(trx);
  return rows;
}

/** The keys that come, whether each joins one of its name, and whether there would be more than there may be. */
export async function previewTags(
  trx: Trx,
  crossing: Crossing,
): Promise<{ tags: { key: string; joins: boolean }[]; tooMany: boolean }> {
  const values = await carriedValues(trx, crossing);
  const there = new Map(
    (await loadTagKeys(trx, crossing.intoAccountId)).map((key) => [nameKey(key.name), key]),
  );
  const keys = Map.groupBy(values, ({ tagKeyId }) => tagKeyId);
  const tags = [...keys.values()].map((of) => {
    const key = of[0]?.key ?? '';
    const joined = there.get(nameKey(key));
    const names = new Set(
      [...(joined?.values ?? []), ...of.map(({ value }) => ({ name: value }))].map((v) => nameKey(v.name)),
    );
    return { key, joins: joined !== undefined, values: names.size };
  });
  const added = tags.filter(({ joins }) => !joins).length;
  return {
    tags: tags.map(({ key, joins }) => ({ key, joins })),
    tooMany:
      there.size + added > maximumTagKeys || tags.some(({ values: count }) => count > maximumTagValues),
  };
}

/**
 * Carries the tags of virtual accounts over: keys and values of the same names are the same, others are made. What they
 * carried on the side they leave is taken from them.
 */
export async function carryTags(
  context: { trx: Trx; now: Temporal.Instant; newId(): string },
  crossing: Crossing,
): Promise<CarriedTags> {
  const { trx, now, newId } = context;
  const { fromAccountId, intoAccountId, virtualAccountIds } = crossing;
  const made: CarriedTags = { keys: [], values: [] };
  const there = new Map<string, TagKey>(
    (await loadTagKeys(trx, intoAccountId)).map((key) => [nameKey(key.name), key]),
  );
  const pairs: { from: CarriedValue; tagKeyId: string; tagValueId: string }[] = [];
  for (const from of await carriedValues(trx, crossing)) {
    const known = there.get(nameKey(from.key));
    const value = known?.values.find(({ name }) => nameKey(name) === nameKey(from.value)) ?? {
      tagValueId: newId(),
      name: from.value,
    };
    const key: TagKey = {
      tagKeyId: known?.tagKeyId ?? newId(),
      name: known?.name ?? from.key,
      values: [...(known?.values ?? []).filter(({ tagValueId }) => tagValueId !== value.tagValueId), value],
    };
    if (known === undefined) {
      await insertTagKey(trx, intoAccountId, key, now);
      made.keys.push(key.tagKeyId);
    } else if (!known.values.some(({ tagValueId }) => tagValueId === value.tagValueId)) {
      await trx
        .insertInto('tag_values')
        .values({
          account_id: intoAccountId,
          tag_value_id: value.tagValueId,
          tag_key_id: key.tagKeyId,
          name: value.name,
          name_key: nameKey(value.name),
        })
        .execute();
      made.values.push(value.tagValueId);
    }
    there.set(nameKey(from.key), key);
    pairs.push({ from, tagKeyId: key.tagKeyId, tagValueId: value.tagValueId });
  }
  const them = sql`any(${[...virtualAccountIds]}::uuid[])`;
  await sql`
    insert into virtual_account_tags (account_id, virtual_account_id, tag_key_id, tag_value_id)
    select ${intoAccountId}::uuid, c.virtual_account_id, p.tag_key_id, p.tag_value_id
      from unnest(${pairs.map(({ from }) => from.tagValueId)}::uuid[], ${pairs.map(({ tagKeyId }) => tagKeyId)}::uuid[],
                  ${pairs.map(({ tagValueId }) => tagValueId)}::uuid[]) as p (own_value_id, tag_key_id, tag_value_id)
      join virtual_account_tags c on c.account_id = ${fromAccountId} and c.tag_value_id = p.own_value_id
     where c.virtual_account_id = ${them}`.execute(trx);
  await sql`
    delete from virtual_account_tags where account_id = ${fromAccountId} and virtual_account_id = ${them}`.execute(
    trx,
  );
  return made;
}

/** Takes away keys and values that were made for what has gone again, as far as nobody else carries them. */
export async function dropCarriedTags(trx: Trx, accountId: string, made: CarriedTags): Promise<void> {
  await sql`
    delete from tag_values v
     where v.account_id = ${accountId}
       and (v.tag_value_id = any(${made.values}::uuid[]) or v.tag_key_id = any(${made.keys}::uuid[]))
       and not exists (select from virtual_account_tags c
                        where c.account_id = v.account_id and c.tag_value_id = v.tag_value_id)`.execute(trx);
  await sql`
    delete from tag_keys k
     where k.account_id = ${accountId} and k.tag_key_id = any(${made.keys}::uuid[])
       and not exists (select from tag_values v
                        where v.account_id = k.account_id and v.tag_key_id = k.tag_key_id)`.execute(trx);
}
