import { randomUUIDv7 } from 'node:crypto';
import { acceptInvitation, grantRole, setUp } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusal, startTestServer, type TestServer } from '../testing/index.ts';
import { createSetupLink } from './index.ts';
import { makeLink } from './one-time-links-store.ts';
import { password, signedInPerson } from './testing/signed-in-person.ts';

const breached = 'stolen long ago elsewhere';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ breachedPasswords: [breached] });
});
afterAll(() => server.close());

const refused = { code: 'password-weak', status: 422, detail: expect.stringContaining('break-in') };
const linkFor = () => ({ linkId: randomUUIDv7(), now: server.clock.now(), publicUrl: 'http://estover.test' });

it('takes no breached password, wherever one is chosen, and the link can be used again', async () => {
  const { newId } = server.jobDependencies;
  const token = (await createSetupLink(server.db, { ...linkFor(), newId })) ?? '';
  const ola = { token, name: 'Ola', email: 'ola@vendor.example' };
  expect(await refusal(server.client().call(setUp, { body: { ...ola, password: breached } }))).toMatchObject(
    refused,
  );
  await server.client().call(setUp, { body: { ...ola, password } });

  const { accountId, administrator } = await server.account();
  const { invitationLink } = await administrator.call(grantRole, {
    params: { accountId },
    body: { email: 'new@example.com', role: 'viewer', scope: { kind: 'account' } },
  });
  const invited = { token: invitationLink ?? '', name: 'New' };
  expect(
    await refusal(server.client().call(acceptInvitation, { body: { ...invited, password: breached } })),
  ).toMatchObject(refused);
  await server.client().call(acceptInvitation, { body: { ...invited, password } });

  const { browser, personId } = await signedInPerson(server);
  const change = (newPassword: string) =>
    browser.post('/auth/change-password', { currentPassword: password, newPassword });
  expect(await (await change(breached)).json()).toMatchObject(refused);
  // Other blanks make no other password of it.
  const blanks = breached.replaceAll(' ', '\u00a0');
  expect(await (await change(blanks)).json()).toMatchObject(refused);
  expect((await change('another lamp entirely')).status).toBe(200);

  const reset = await server.db
    .transaction()
    .execute((trx) => makeLink(trx, { kind: 'password-reset', personId, accountId: null, ...linkFor() }));
  const choose = (given: string) => browser.post('/auth/reset-password', { token: reset, password: given });
  expect(await (await choose(breached)).json()).toMatchObject(refused);
  expect((await choose('a third lamp entirely')).status).toBe(200);
});
