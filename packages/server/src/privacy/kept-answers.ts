import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { forgetSealedAnswers } from '../edge/idempotency.ts';
import type { Installation } from '../installation/index.ts';
import type { WantedNames } from './named-events-store.ts';
import { escaped, wholeNames } from './personal-texts-store.ts';

/**
 * Kept answers that name somebody are forgotten, those that are kept sealed as well. Mails to others stay, because they may
 * let somebody in; the name goes from what they are about, and what they say is forgotten when they are sent.
 */
export async function forgetInAnswers(
  { db, installation }: { db: Database; installation: Installation },
  wanted: WantedNames,
): Promise<void> {
  const { personId, pseudonym, email, names, until } = wanted;
  const fullNames = wholeNames(names);
  const inJson = fullNames.map((name) => JSON.stringify(name).slice(1, -1));
  await sql`delete from idempotency_keys
             where caller = ${`person:${personId}`}
                or (created_at <= ${until} and (strpos(lower(answer), ${email}) > 0
                 or exists (select from unnest(${inJson}::text[]) name where strpos(answer, name) > 0)))`.execute(
    db,
  );
  await forgetSealedAnswers(
    { db, installation },
    until,
    (answer) => answer.toLowerCase().includes(email) || inJson.some((name) => answer.includes(name)),
  );
  await sql`delete from mails where created_at <= ${until} and recipient = ${email}`.execute(db);
  for (const name of [email, ...fullNames]) {
    const pattern = `(?<![[:alnum:]])${escaped(name)}(?![[:alnum:]])`;
    await sql`update mails set subject = regexp_replace(subject, ${pattern}, ${pseudonym}, 'gi')
               where created_at <= ${until} and subject ~* ${pattern}`.execute(db);
  }
}
