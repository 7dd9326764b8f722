import { type RawBuilder, sql } from 'kysely';

/** SQL: the name of a person, or what they are called since they were removed. */
export const nameOfPerson = (personId: RawBuilder<unknown>) => sql<string>`coalesce(
  (select known.name from people known where known.id = ${personId}),
  (select removed.pseudonym from removed_people removed where removed.person_id = ${personId}), 'Somebody')`;
