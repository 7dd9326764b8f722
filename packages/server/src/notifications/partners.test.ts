import { randomUUIDv7 } from 'node:crypto';
import { limitToSeller, listNews } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  deliver,
  type MailServer,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { digestsOf, linesOf, makePartner, makeReader, type Reader, tellAll } from './testing/readers.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let lyon: string;
let orderNumber: string;
let digests: ReturnType<typeof digestsOf>;

beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
  digests = digestsOf(mails);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});
beforeEach(async () => {
  server.clock.set('2026-11-22T12:00:00Z');
  account = await server.account(`Company ${randomUUIDv7()}`);
  // Virtual accounts are restricted unless somebody says otherwise, EMEA among them.
  ({ 'EMEA / Lyon': lyon = '' } = await server.virtualAccounts(account, 'EMEA / Lyon'));
});

const inLyon = () => ({
  kind: 'virtual-accounts' as const,
  virtualAccounts: [{ virtualAccountId: lyon, nested: true }],
});

/** Something short, and an order that came in, both in Lyon. */
async function happenInLyon(): Promise<void> {
  const { accountId } = account;
  ({ orderNumber } = await deliver(server, account, {
    tag: catalog.essentials,
    quantity: 1,
    virtualAccount: 'EMEA / Lyon',
  }));
  await useLicenses(server, { accountId, virtualAccountId: lyon, counts: { [catalog.security]: 5 } });
  await tellAll(server);
  server.clock.set('2026-11-23T07:00:00Z');
  await tellAll(server);
}

const mailed = ({ email }: Reader): string[] => digests(email).flatMap(linesOf).toSorted();
const rung = async ({ browser }: Reader): Promise<string[]> => {
  const { items } = await browser.client.call(listNews, { params: { accountId: account.accountId } });
  return items.map(({ message }) => message).toSorted();
};
const told = (place: string): string[] => [
  `Branch Security is short by 5 in ${place}`,
  `Licenses of order ${orderNumber} came into ${place}`,
];

it('partners are told no restricted names above what they were granted, by mail and by the bell', async () => {
  const partner = await makePartner(server, account, inLyon());
  const colleague = await makeReader(server, account, 'viewer', inLyon());
  await happenInLyon();
  expect(mailed(partner)).toEqual(told('… / Lyon'));
  expect(await rung(partner)).toEqual(told('… / Lyon'));
  // Who reads the same in the same run, after the partner or before, is told all of it.
  expect(mailed(colleague)).toEqual(told('EMEA / Lyon'));
  expect(await rung(colleague)).toEqual(told('EMEA / Lyon'));
});

it('partners who are limited to the lots of a seller hear of nothing', async () => {
  const partner = await makePartner(server, account, inLyon());
  const params = { accountId: account.accountId, personId: partner.personId };
  await account.administrator.call(limitToSeller, { params, body: { soldBy: 'Test buyer' } });
  await happenInLyon();
  expect(mailed(partner)).toEqual([]);
});
