import { randomUUIDv7 } from 'node:crypto';
import type { TestServer } from '../../testing/index.ts';
import { hashPassword } from '../password-hash.ts';
import { choosePassword, ensurePerson } from '../people-store.ts';

/** A person with a password, made without the API. */
export async function makePersonWithPassword(
  server: TestServer,
  password: string,
  email = `${randomUUIDv7()}@example.com`,
): Promise<{ personId: string; email: string }> {
  const now = server.clock.now();
  const passwordHash = await hashPassword(password);
  return server.db.transaction().execute(async (trx) => {
    const made = await ensurePerson(trx, { personId: randomUUIDv7(), name: 'Ana Ruiz', email, now });
    await choosePassword(trx, { ...made, passwordHash, newId: randomUUIDv7(), now });
    return { personId: made.personId, email };
  });
}
