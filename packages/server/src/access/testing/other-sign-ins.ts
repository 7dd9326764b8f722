import { randomUUIDv7 } from 'node:crypto';
import { addMailDomain } from '@estover/protocol';
import type { SeededAccount, TestServer } from '../../testing/index.ts';
import { insertPasskey } from '../passkeys-store.ts';
import { ensurePerson } from '../people-store.ts';
import { insertIdentity } from '../single-sign-on/identities-store.ts';

type Made = Promise<{ personId: string; email: string }>;

/** A person who is there and cannot sign in. */
export function invitedPerson(server: TestServer, email = `${randomUUIDv7()}@example.com`): Made {
  const person = { personId: randomUUIDv7(), name: 'Ivo Lund', email, now: server.clock.now() };
  return server.db.transaction().execute((trx) => ensurePerson(trx, person));
}

/** Gives a person a passkey that nothing holds. */
export const givePasskey = (server: TestServer, personId: string): Promise<unknown> =>
  server.db.transaction().execute((trx) =>
    insertPasskey(trx, {
      passkeyId: randomUUIDv7(),
      personId,
      name: 'Key',
      credentialId: randomUUIDv7(),
      publicKey: Buffer.alloc(1),
      counter: 0,
      transports: [],
      now: server.clock.now(),
    }),
  );

/** A person who signs in with a passkey and has no password. */
export async function personWithPasskey(server: TestServer, email?: string): Made {
  const person = await invitedPerson(server, email);
  await givePasskey(server, person.personId);
  return person;
}

/** A person who signs in at their company, whose domain the account has named, and has no password. */
export async function personOfCompany(
  server: TestServer,
  { accountId, administrator }: Pick<SeededAccount, 'accountId' | 'administrator'>,
): Made {
  const domain = `${randomUUIDv7()}.example`;
  const { mailDomain } = await administrator.call(addMailDomain, { params: { accountId }, body: { domain } });
  const person = await invitedPerson(server, `sso@${domain}`);
  const key = {
    accountId,
    mailDomainId: mailDomain.mailDomainId,
    issuer: 'https://idp.example',
    subject: person.personId,
  };
  const at = server.clock.now();
  await server.db
    .transaction()
    .execute((trx) =>
      insertIdentity(trx, key, { identityId: randomUUIDv7(), personId: person.personId, at }),
    );
  return person;
}
