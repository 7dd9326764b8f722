import { randomUUIDv7 } from 'node:crypto';
import { addMailDomain } from '@estover/protocol';
import { expect, it } from 'vitest';
import { entraUser } from '../testing/scim-client.ts';
import { useScim } from '../testing/use-scim.ts';

const world = useScim();
const { scim } = world;

it('makes people of a mail domain that the account has proved, and of none that it only named', async () => {
  const { accountId } = world.account;
  const domain = `${randomUUIDv7()}.example`;
  const ben = entraUser(`ben@${domain}`);
  await world.account.administrator.call(addMailDomain, { params: { accountId }, body: { domain } });
  expect((await scim('POST', '/Users', ben)).status).toBe(400);
  await world.server.db
    .updateTable('mail_domains')
    .set({ proved_at: world.server.clock.now() })
    .where('account_id', '=', accountId)
    .execute();
  expect((await scim('POST', '/Users', ben)).status).toBe(201);
});
