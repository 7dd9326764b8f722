import { spawnSync } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { acceptInvitation, createAccount, inviteStaff, updateAccount } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertApiKey, newApiKeySecret } from '../../packages/server/src/access/api-keys-store.ts';
import { sealEvents } from '../../packages/server/src/audit/index.ts';
import { deliver, seedCatalog } from '../../packages/server/src/testing/index.ts';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

/** Events of the platform for its staff, and who sees which events, as people find them. */

let test: ConsoleTest;
let operator: Pick<Person, 'email'>;
let ana: Person;
const desk = { email: 'deniz.ay@publisher.example' };

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  const { server } = test;
  ana = await test.company();
  operator = await test.operator();
  const catalog = await seedCatalog(server);
  await deliver(server, ana, { tag: catalog.security, quantity: 5 });
  const { invitationLink } = await server.operator.call(inviteStaff, {
    body: { email: desk.email, role: 'order-desk' },
  });
  await server
    .client()
    .call(acceptInvitation, { body: { token: invitationLink ?? '', name: 'Deniz Ay', password } });
  // A client that Ana made, which changes something.
  const { personId } = await server.db
    .selectFrom('people')
    .select('id as personId')
    .where('email', '=', ana.email)
    .executeTakeFirstOrThrow();
  const secret = newApiKeySecret(ana.accountId);
  await server.db.transaction().execute((trx) =>
    insertApiKey(trx, {
      apiKeyId: randomUUIDv7(),
      accountId: ana.accountId,
      name: 'Robot',
      role: 'account-administrator',
      scope: { kind: 'account' },
      secret,
      createdBy: 'Ana Ruiz',
      madeByPerson: personId,
      createdAt: server.clock.now(),
      expiresAt: null,
    }),
  );
  const params = { accountId: ana.accountId };
  await server.client(secret).call(updateAccount, { params, body: { name: 'Halden Rail AG' } });
}, 120_000);
afterAll(() => test?.close());

it('an operator finds the events of the platform, opens one and takes them as a file', async () => {
  const page = await test.signedIn(operator, { acceptDownloads: true });
  page.setDefaultTimeout(10_000);
  await page.getByRole('link', { name: 'Events of the platform' }).click();
  await page.getByRole('heading', { name: 'Events of the platform', level: 1 }).waitFor();
  const line = page.getByRole('combobox', { name: 'Find events' });
  await line.fill('operation:inviteStaff deniz');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByRole('link', { name: /^Made deniz\.ay@publisher\.example staff with order-desk/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByText('inviteStaff').waitFor();
  const address = new URL(page.url());
  expect([address.pathname, address.searchParams.get('operation')]).toEqual([
    '/platform/events',
    'inviteStaff',
  ]);
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(csv.suggestedFilename()).toMatch(/^estover-platform-events-\d{4}-\d\d-\d\d\.csv$/);
  expect(
    readFileSync(await csv.path(), 'utf8')
      .trim()
      .split('\r\n'),
  ).toHaveLength(2);
  // One that the filters leave out is read by itself.
  await page.goto(`/platform/events?operation=createProduct&open=${address.searchParams.get('open')}`);
  await details.getByText('Made deniz.ay@publisher.example staff with order-desk').waitFor();
});

it('an operator takes the chain of the platform away, and the command recounts it', async () => {
  await sealEvents(test.server.db, test.server.clock.now());
  const page = await test.signedIn(operator, { acceptDownloads: true });
  await page.goto('/platform/events');
  await press('Prove…')(page);
  const dialog = page.getByRole('dialog', { name: 'Prove that nothing was changed' });
  const head = await dialog.getByText(/^\d+:[0-9a-f]{64}$/).innerText();
  const [chain] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('link', { name: 'Download the chain' }).click(),
  ]);
  const verify = (...words: string[]) =>
    spawnSync(process.execPath, ['packages/cli/src/main.ts', 'audit', 'verify', ...words], {
      encoding: 'utf8',
    });
  const held = verify(await chain.path(), '--head', head);
  expect(held.stdout).toContain('holds   The platform (00000000-0000-0000-0000-000000000000)');
  expect(held.status).toBe(0);
  expect(verify(await chain.path(), '--head', head.replace(/.{4}$/, '0000')).status).toBe(1);
});

it('the order desk sees the events of orders, nothing of staff, and why it cannot prove them', async () => {
  const page = await test.signedIn(desk);
  await page.goto('/platform/events');
  await page
    .getByRole('link', { name: /^Booked order/ })
    .first()
    .waitFor();
  expect(await page.getByText('deniz.ay@publisher.example staff').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Prove…' }).isDisabled()).toBe(true);
});

it('an account’s page says on whose behalf, and leaves out what a role does not see', async () => {
  const page = await test.signedIn(ana);
  await page.goto(`/accounts/${ana.accountId}/events?person=${encodeURIComponent(ana.email)}`);
  const row = page.getByRole('row', { name: /Changed name .* Robot on behalf of Ana Ruiz/ });
  await row.waitFor();
  await row.getByRole('link').first().click();
  await page
    .getByRole('complementary', { name: 'Details' })
    .getByRole('link', { name: 'Ana Ruiz (person)' })
    .waitFor();
  // How the account began names its administrator, and those in virtual accounts do not see people.
  const events = `/accounts/${ana.accountId}/events`;
  await page.goto(`${events}?operation=createAccount`);
  await page.getByRole('link', { name: /^Made the account/ }).waitFor();
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: ana.defaultVirtualAccountId, nested: true }],
  };
  const some = await test.signedIn(await test.member(ana.accountId, 'virtual-account-user', scope));
  await some.goto(`${events}?operation=${createAccount.name}`);
  await some.getByText('No event matches these filters').waitFor();
  await some.getByText('Every change of what you may see').waitFor();
});

it('looks right', async () => {
  const views = [
    { name: 'platform-events', path: '/platform/events' },
    { name: 'platform-event', path: '/platform/events?operation=inviteStaff', act: panel(/^Made deniz/) },
    { name: 'platform-events-proof', path: '/platform/events', act: press('Prove…') },
  ];
  for (const width of [1280, 400]) {
    const page = await test.signedIn(operator, { viewport: { width, height: 860 } });
    expect(await lookAt(page, views)).toEqual([]);
  }
});
