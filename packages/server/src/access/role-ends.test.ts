import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole } from '@estover/domain/access';
import { addToGroup, createGroup, grantRole, revokeGrant } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { noteEndingRights } from '../notifications/index.ts';
import { type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { purgeRoleEndMails, tellRoleEnds } from './index.ts';
import { invitedPerson, personOfCompany, personWithPasskey } from './testing/other-sign-ins.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { mailsTo } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let name: string;
let admin: string;

beforeAll(async () => {
  server = await startTestServer({ at: '2026-11-01T12:00:00Z' });
});
afterAll(() => server.close());
beforeEach(async () => {
  server.clock.advance({ days: 200 });
  await tell();
  name = `Ends ${randomUUIDv7().slice(-6)}`;
  account = await server.account(name);
  params = { accountId: account.accountId };
  admin = (await makePersonWithPassword(server, 'correct horse battery')).email;
  await give(admin, 'account-administrator', null);
});

const tell = () => tellRoleEnds(server.jobDependencies);
const inDays = (days: number) =>
  server.clock
    .now()
    .add({ hours: 24 * days })
    .toString();
async function give(email: string, role: AccountRole, days: number | null): Promise<string> {
  const { grant } = await account.administrator.call(grantRole, {
    params,
    body: { email, role, scope: { kind: 'account' }, ...(days === null ? {} : { until: inDays(days) }) },
  });
  return grant.grantId;
}
const subjects = async (email: string) =>
  (await mailsTo(server, email)).filter((subject) => /\bend/.test(subject));
const day = (until: string) => until.slice(0, 10);

it('tells the person and the administrators 14 and 3 days before, and when it has ended, once each', async () => {
  const email = `${randomUUIDv7()}@partner.example`;
  const until = inDays(30);
  await give(email, 'viewer', 30);
  expect(await tell()).toBe(0);
  const soon = `Your role viewer in ${name} ends on ${day(until)}`;
  const all = `1 role in ${name} ends or has ended`;
  for (const [days, theirs] of [
    [16, [soon]],
    [11, [soon, soon]],
    [3, [soon, soon, `Your role viewer in ${name} has ended`]],
  ] as const) {
    server.clock.advance({ days });
    // It may run twice, on two servers at once as well.
    const told = await Promise.all([tell(), tell()]);
    expect(told.toSorted()).toEqual([0, 1]);
    expect(await tell()).toBe(0);
    expect(await subjects(email)).toEqual(theirs);
    expect(await subjects(admin)).toEqual(theirs.map(() => all));
  }
  server.clock.advance({ days: 5 });
  expect(await tell()).toBe(0);
});

it('tells of roles by groups, all in one mail to each administrator, and nothing of a role that was taken', async () => {
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Night shift', role: 'viewer', scope: { kind: 'account' }, until: inDays(20) },
  });
  const people = [1, 2].map((each) => `${each}-${randomUUIDv7()}@partner.example`);
  await account.administrator.call(addToGroup, {
    params: { ...params, groupId: group.groupId },
    body: { people: people.map((email) => ({ email })) },
  });
  const gone = `${randomUUIDv7()}@partner.example`;
  const grantId = await give(gone, 'viewer', 20);
  await account.administrator.call(revokeGrant, { params: { ...params, grantId } });
  server.clock.advance({ days: 7 });
  expect(await tell()).toBe(2);
  for (const email of people) expect(await subjects(email)).toHaveLength(1);
  expect(await subjects(gone)).toEqual([]);
  expect(await subjects(admin)).toEqual([`2 roles in ${name} end or have ended`]);
});

it('tells administrators however they sign in, and none who cannot', async () => {
  const withPasskey = await personWithPasskey(server);
  const ofCompany = await personOfCompany(server, account);
  const invited = await invitedPerson(server);
  for (const { email } of [withPasskey, ofCompany, invited]) {
    await give(email, 'account-administrator', null);
  }
  await give(`${randomUUIDv7()}@partner.example`, 'viewer', 20);
  server.clock.advance({ days: 8 });
  expect(await tell()).toBe(1);
  const all = [`1 role in ${name} ends or has ended`];
  expect(await subjects(withPasskey.email)).toEqual(all);
  expect(await subjects(ofCompany.email)).toEqual(all);
  expect(await subjects(invited.email)).toEqual([]);
});

it('tells of a later end anew, and an administrator of their own end once', async () => {
  const second = (await makePersonWithPassword(server, 'correct horse battery')).email;
  await give(second, 'account-administrator', 10);
  server.clock.advance({ days: 8 });
  expect(await tell()).toBe(1);
  expect(await subjects(second)).toEqual([
    expect.stringMatching(/^Your role account administrator in .* ends on/),
  ]);
  expect(await subjects(admin)).toEqual([`1 role in ${name} ends or has ended`]);
});

it('forgets what it told 90 days after the end', async () => {
  const email = `${randomUUIDv7()}@partner.example`;
  await give(email, 'viewer', 5);
  server.clock.advance({ days: 3 });
  expect(await tell()).toBe(1);
  server.clock.advance({ days: 93 });
  expect(await purgeRoleEndMails(server.db, server.clock.now())).toBeGreaterThan(0);
  expect(await server.db.selectFrom('role_end_mails').selectAll().execute()).toEqual([]);
});

it('tells nothing of an end after which another role gives the same as long, by whatever way', async () => {
  const { europe, berlin } = await (async () => {
    const ids = await server.virtualAccounts(account, 'Europe / Berlin');
    return { europe: ids['Europe'] as string, berlin: ids['Europe / Berlin'] as string };
  })();
  const at = (virtualAccountId: string, nested = true) => ({
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId, nested }],
  });
  const whole = { kind: 'account' as const };
  type Held = [role: AccountRole, scope: typeof whole | ReturnType<typeof at>, days: number | null];
  const cases: [Held, Held, number][] = [
    [['viewer', whole, 20], ['viewer', whole, null], 0],
    [['viewer', whole, 20], ['viewer', whole, 60], 0],
    [['viewer', whole, 20], ['account-user', whole, 60], 0],
    [['viewer', at(berlin), 20], ['viewer', at(europe), 60], 0],
    [['viewer', at(berlin), 20], ['account-administrator', whole, null], 0],
    // Less, elsewhere, or not as long.
    [['account-user', whole, 20], ['viewer', whole, null], 1],
    [['viewer', at(europe), 20], ['viewer', at(europe, false), null], 1],
    [['viewer', whole, 20], ['viewer', at(europe), null], 1],
    [['viewer', at(europe), 18], ['viewer', whole, 16], 2],
    // Of two that end together one is told, the wider one.
    [['viewer', at(berlin), 20], ['viewer', at(europe), 20], 1],
  ];
  const people = [];
  for (const [index, [first, second, told]] of cases.entries()) {
    const email = `${index}-${randomUUIDv7()}@partner.example`;
    for (const [role, scope, days] of [first, second]) {
      await account.administrator.call(grantRole, {
        params,
        body: { email, role, scope, ...(days === null ? {} : { until: inDays(days) }) },
      });
    }
    people.push({ email, told });
  }
  server.clock.advance({ days: 7 });
  await tell();
  const heard = [];
  for (const { email } of people) heard.push((await subjects(email)).length);
  expect(heard).toEqual(people.map(({ told }) => told));
  const { noted } = await noteEndingRights(server.db, server.clock.now());
  expect(noted).toBe(people.reduce((sum, { told }) => sum + told, 0));
});
