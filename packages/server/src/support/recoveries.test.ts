import { randomUUIDv7 } from 'node:crypto';
import {
  acceptInvitation,
  approveRecovery,
  askRecovery,
  cancelRecovery,
  createAccount,
  declineRecovery,
  endStaff,
  getDesk,
  listAccountSupport,
  listMails,
  listPeople,
  listRecoveries,
  openMail,
  updateStaff,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { givePasskey } from '../access/testing/other-sign-ins.ts';
import { enterPassword, mailsTo, signedInPerson, turnOnCodes } from '../access/testing/signed-in-person.ts';
import { refusal, startTestServer, type TestServer } from '../testing/index.ts';
import { finishRecoveries } from './index.ts';
import { eventsOfKind, makeMember, makeStaff, type StaffMember, signInAs } from './testing/staff.ts';

let server: TestServer;
let ola: StaffMember;
let ida: StaffMember;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  ola = await makeStaff(server, 'operator', 'Ola Berg');
  ida = await makeStaff(server, 'operator', 'Ida Holm');
});

const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const approve = (who: StaffMember, recoveryId: string) =>
  who.browser.client.call(approveRecovery, { params: { recoveryId } });

describe('an administrator for an account that has none', () => {
  /** An account whose only administrator was invited and never came. */
  const abandoned = async () => {
    const name = `Lone${randomUUIDv7()}`;
    const { accountId, administrator } = await server.account(name);
    return { accountId, administrator, domain: `${name.toLowerCase()}.example` };
  };
  const ask = (who: StaffMember, accountId: string, email: string) =>
    who.browser.client.call(askRecovery, {
      body: { kind: 'administrator', accountId, email, reason: 'Ana left the company' },
    });

  it('is made by two operators, by mail to the company, for its people to see for ever', async () => {
    const { accountId, administrator, domain } = await abandoned();
    const { recovery } = await ask(ola, accountId, `new@${domain}`);
    expect(recovery).toMatchObject({ state: 'asked', askedBy: { name: 'Ola Berg' }, decidedBy: null });
    expect(await codeOf(approve(ola, recovery.recoveryId))).toBe('own-request');
    expect(
      await codeOf(server.operator.call(approveRecovery, { params: { recoveryId: recovery.recoveryId } })),
    ).toBe('person-required');
    const { invitationLink } = await approve(ida, recovery.recoveryId);
    await server.client().call(acceptInvitation, {
      body: { token: invitationLink ?? '', name: 'New', password: 'correct horse battery' },
    });
    const { client } = await signInAs(server.address, `new@${domain}`);
    const { items } = await client.call(listPeople, { params: { accountId } });
    expect(items.find(({ name }) => name === 'New')?.grants).toMatchObject([
      { role: 'account-administrator', scope: { kind: 'account' }, grantedBy: 'Ida Holm' },
    ]);
    const seen = await administrator.call(listAccountSupport, { params: { accountId } });
    expect(seen.recoveries).toMatchObject([
      {
        kind: 'administrator',
        state: 'done',
        email: `new@${domain}`,
        reason: 'Ana left the company',
        askedBy: { name: 'Ola Berg' },
        decidedBy: { name: 'Ida Holm' },
      },
    ]);
    expect(await eventsOfKind(server, 'recovery', accountId)).toEqual([
      [
        'Ola Berg',
        'askRecovery',
        `asked another operator to make new@${domain} administrator of the account: Ana left the company`,
      ],
      [
        'Ida Holm',
        'approveRecovery',
        `made new@${domain} administrator of the account, which had none, as Ola Berg had asked: Ana left the company`,
      ],
    ]);
    expect(await codeOf(approve(ida, recovery.recoveryId))).toBe('recovery-state');
  });

  it('is refused for other addresses, for accounts that have one, and a second time', async () => {
    const { accountId, domain } = await abandoned();
    expect(await codeOf(ask(ola, accountId, 'eve@elsewhere.example'))).toBe('address-not-of-account');
    expect(await codeOf(ask(ola, randomUUIDv7(), `a@${domain}`))).toBe('not-found');
    const without = { kind: 'administrator' as const, email: `a@${domain}`, reason: 'x' };
    expect(await codeOf(ola.browser.client.call(askRecovery, { body: without }))).toBe('invalid-request');
    const beside = { ...without, kind: 'second-factors' as const, accountId };
    expect(await codeOf(ola.browser.client.call(askRecovery, { body: beside }))).toBe('invalid-request');
    const { recovery } = await ask(ola, accountId, `a@${domain}`);
    expect(await codeOf(ask(ida, accountId, `b@${domain}`))).toBe('recovery-state');
    await makeMember(server, accountId);
    expect(await codeOf(approve(ida, recovery.recoveryId))).toBe('recovery-not-needed');
    await ida.browser.client.call(declineRecovery, { params: { recoveryId: recovery.recoveryId } });
    expect(await codeOf(ask(ola, accountId, `a@${domain}`))).toBe('recovery-not-needed');
    expect(await eventsOfKind(server, 'grant', accountId)).toEqual([]);
  });

  it('gets a new link where the account’s only administrator never came, but no operator gets in by it', async () => {
    const domain = `lone${randomUUIDv7()}.example`;
    const email = `ana@${domain}`;
    const { account } = await server.operator.call(createAccount, {
      body: { name: 'Lone', domainIdentifier: domain, administrator: { name: 'Ana Ruiz', email } },
    });
    const { recovery } = await ask(ola, account.accountId, email);
    const { invitationLink } = await approve(ida, recovery.recoveryId);
    expect(invitationLink).toMatch(/\/invitation#/);
    const other = await abandoned();
    await server.db
      .updateTable('people')
      .set({ email: `ola@${other.domain}` })
      .where('id', '=', ola.personId)
      .execute();
    expect(await codeOf(ask(ola, other.accountId, `OLA@${other.domain}`))).toBe('own-request');
    const asked = await ask(ida, other.accountId, `ola@${other.domain}`);
    expect(await codeOf(approve(ola, asked.recovery.recoveryId))).toBe('own-request');
  });

  it('expires when no second operator answers for three days', async () => {
    const { accountId, domain } = await abandoned();
    const { recovery } = await ask(ola, accountId, `a@${domain}`);
    server.clock.advance({ hours: 72 });
    const again = { ...ida, browser: await signInAs(server.address, ida.email) };
    expect(await codeOf(approve(again, recovery.recoveryId))).toBe('recovery-state');
    await finishRecoveries(server.jobDependencies);
    expect((await eventsOfKind(server, 'recovery', accountId)).at(-1)).toEqual([
      'Estover',
      'expireRecovery',
      'ended a recovery that no second operator answered in time',
    ]);
  });

  it('is not approved once whoever asked is no operator any more', async () => {
    const { accountId, domain } = await abandoned();
    const { recovery } = await ask(ola, accountId, `a@${domain}`);
    const { recoveryId } = recovery;
    await ida.browser.client.call(updateStaff, {
      params: { personId: ola.personId },
      body: { roles: [{ role: 'support' }] },
    });
    expect(await refusal(approve(ida, recoveryId))).toMatchObject({
      code: 'recovery-asker-gone',
      status: 409,
      detail: 'Ola Berg asked for this recovery, and is no operator any more.',
    });
    await ida.browser.client.call(endStaff, { params: { personId: ola.personId } });
    expect(await codeOf(approve(ida, recoveryId))).toBe('recovery-asker-gone');
    expect(await eventsOfKind(server, 'grant', accountId)).toEqual([]);
    const stays = await ida.browser.client.call(listRecoveries, {});
    expect(stays.items.find((each) => each.recoveryId === recoveryId)).toMatchObject({ state: 'asked' });
    // Declined, and asked for anew by somebody who is one.
    await ida.browser.client.call(declineRecovery, { params: { recoveryId } });
    const again = await ask(ida, accountId, `a@${domain}`);
    const third = await makeStaff(server, 'operator', 'Per Lund');
    expect((await approve(third, again.recovery.recoveryId)).recovery.state).toBe('done');
  });

  it('is no matter of other staff, nor of a session that nobody has proved for a while', async () => {
    const { accountId, domain } = await abandoned();
    expect(await codeOf(ask(await makeStaff(server, 'support', 'Kim Dahl'), accountId, `a@${domain}`))).toBe(
      'not-allowed',
    );
    server.clock.advance({ minutes: 16 });
    expect(await codeOf(ask(ola, accountId, `a@${domain}`))).toBe('step-up-required');
  });
});

describe('the second factors of a person who has lost them', () => {
  const ask = (who: StaffMember, email: string) =>
    who.browser.client.call(askRecovery, {
      body: { kind: 'second-factors', email, reason: 'Phone and codes were stolen' },
    });
  /** Somebody with an app, recovery codes and a passkey. */
  const withFactors = async () => {
    const person = await signedInPerson(server);
    await turnOnCodes(server, person);
    await givePasskey(server, person.personId);
    return person;
  };
  const stateOf = async (email: string): Promise<string> => {
    const answer = await (await enterPassword(server, email)).post('/auth/sign-in/email', {
      email,
      password: 'correct horse battery',
    });
    return ((await answer.json()) as { state: string }).state;
  };
  const passkeysOf = (personId: string) =>
    server.db.selectFrom('passkeys').select('name').where('person_id', '=', personId).execute();

  it('end a day after two operators said so, with all sessions, and the person hears of it twice', async () => {
    const person = await withFactors();
    const before = await mailsTo(server, person.email);
    const { recovery } = await ask(ola, person.email);
    expect(await codeOf(approve(ola, recovery.recoveryId))).toBe('own-request');
    const { recovery: waiting } = await approve(ida, recovery.recoveryId);
    expect(waiting).toMatchObject({
      state: 'waiting',
      endsAt: server.clock.now().add({ hours: 24 }).toString(),
    });
    server.clock.advance({ hours: 23, minutes: 59 });
    await finishRecoveries(server.jobDependencies);
    expect(await stateOf(person.email)).toBe('code-needed');
    server.clock.advance({ minutes: 1 });
    expect(await finishRecoveries(server.jobDependencies)).toEqual({ finished: 1 });
    expect(await stateOf(person.email)).toBe('signed-in');
    expect(await passkeysOf(person.personId)).toEqual([]);
    expect((await person.browser.request('GET', '/api/v1/me')).status).toBe(401);
    expect((await mailsTo(server, person.email)).slice(before.length)).toEqual([
      'Your second factors are about to be removed',
      'Your second factors were removed',
    ]);
    expect((await eventsOfKind(server, 'recovery')).slice(-3).map(([who, what]) => [who, what])).toEqual([
      ['Ola Berg', 'askRecovery'],
      ['Ida Holm', 'approveRecovery'],
      ['Estover', 'finishRecovery'],
    ]);
  });

  it('stay when the person stops it with the link of the mail, which works once', async () => {
    const person = await withFactors();
    const { recovery } = await ask(ola, person.email);
    await approve(ida, recovery.recoveryId);
    const { items } = await server.operator.call(listMails, { query: { search: person.email } });
    const { text } = await server.operator.call(openMail, { params: { mailId: items[0]?.mailId ?? '' } });
    const token = /\S+\/keep-second-factors#\S+/.exec(text)?.[0] ?? '';
    const cancel = (given: string) => server.client().call(cancelRecovery, { body: { token: given } });
    expect(await codeOf(cancel(`${token}x`))).toBe('link-invalid');
    expect(await cancel(token)).toEqual({ email: person.email });
    expect(await codeOf(cancel(token))).toBe('link-invalid');
    server.clock.advance({ hours: 25 });
    await finishRecoveries(server.jobDependencies);
    expect(await stateOf(person.email)).toBe('code-needed');
    expect((await passkeysOf(person.personId)).length).toBe(1);
    expect((await eventsOfKind(server, 'recovery')).at(-1)).toEqual([
      'Ana Ruiz',
      'cancelRecovery',
      'kept their second factors, with the link of a mail',
    ]);
    const again = await signInAs(server.address, ola.email);
    const { items: all } = await again.client.call(listRecoveries, {});
    expect(all[0]).toMatchObject({ recoveryId: recovery.recoveryId, state: 'cancelled', endsAt: null });
  });

  it('are refused for nobody, for whoever has none, and for oneself', async () => {
    expect(await codeOf(ask(ola, 'nobody@example.com'))).toBe('not-found');
    expect(await codeOf(ask(ola, ida.email))).toBe('recovery-not-needed');
    await turnOnCodes(server, ola);
    expect(await codeOf(ask(ola, ola.email))).toBe('own-request');
    const { recovery } = await ask(ida, ola.email);
    expect(await codeOf(approve(ola, recovery.recoveryId))).toBe('own-request');
  });
});

describe('the desk', () => {
  it('shows each role what it may see, with the same counts as the lists', async () => {
    const { accountId } = await server.account(`Desk ${randomUUIDv7()}`);
    const desk = async (who: StaffMember) => who.browser.client.call(getDesk, {});
    const seen = await desk(ola);
    expect(seen.roles).toEqual(['operator']);
    expect(seen.accounts.newest[0]?.accountId).toBe(accountId);
    expect(seen.accounts.withoutAdministrator.items[0]?.accountId).toBe(accountId);
    expect(seen.accountRequests).toEqual({ count: 0, overdue: 0, items: [] });
    expect(seen.failedMails).toEqual({ count: 0, items: [] });
    expect(seen.supportAccesses).toEqual({ open: 0, asked: 0, items: [] });
    await makeMember(server, accountId);
    expect((await desk(ola)).accounts.withoutAdministrator.count).toBe(
      seen.accounts.withoutAdministrator.count - 1,
    );
    const queues = ({ accountRequests, supportAccesses, recoveries, failedMails, staff }: typeof seen) =>
      Object.entries({ accountRequests, supportAccesses, recoveries, failedMails, staff })
        .filter(([, queue]) => queue !== null)
        .map(([name]) => name);
    expect(queues(seen)).toEqual([
      'accountRequests',
      'supportAccesses',
      'recoveries',
      'failedMails',
      'staff',
    ]);
    expect(queues(await desk(await makeStaff(server, 'support', 'Kim Dahl')))).toEqual(['supportAccesses']);
    expect(queues(await desk(await makeStaff(server, 'order-desk', 'Per Lund')))).toEqual([]);
    const customer = await makeMember(server, accountId);
    expect(await codeOf(desk(customer))).toBe('not-allowed');
  });
});
