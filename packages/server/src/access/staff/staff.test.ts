import type { PlatformRole } from '@estover/domain/access';
import {
  acceptInvitation,
  type BodyOf,
  endStaff,
  getMe,
  inviteStaff,
  listAccounts,
  listStaff,
  updateStaff,
  updateStaffSettings,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOfKind, makeMember, makeStaff, type StaffMember } from '../../support/testing/staff.ts';
import { refusal, startTestServer, type TestServer } from '../../testing/index.ts';
import { mailsTo, turnOnCodes } from '../testing/signed-in-person.ts';

let server: TestServer;
let ola: StaffMember;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.db.deleteFrom('platform_grants').execute();
  ola = await makeStaff(server, 'operator', 'Ola Berg');
});

const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const invite = (who: StaffMember, body: BodyOf<typeof inviteStaff> | { email: string; role: PlatformRole }) =>
  who.browser.client.call(inviteStaff, { body });
const change = (who: StaffMember, personId: string, roles: { role: PlatformRole; until?: string | null }[]) =>
  who.browser.client.call(updateStaff, { params: { personId }, body: { roles } });
const end = (who: StaffMember, personId: string) =>
  who.browser.client.call(endStaff, { params: { personId } });
const roleIn = (hours: number) => server.clock.now().add({ hours }).toString();

describe('staff', () => {
  it('is invited by mail with a role, chooses a password, and is listed with who gave it', async () => {
    const made = await invite(ola, { email: 'Kim@vendor.example', name: 'Kim', role: 'order-desk' });
    expect(made).toMatchObject({ mailed: false, person: { status: 'invited', secondFactor: false } });
    expect(await mailsTo(server, 'kim@vendor.example')).toEqual([
      'You are now order desk of this installation',
    ]);
    await server.client().call(acceptInvitation, {
      body: { token: made.invitationLink ?? '', name: 'Kim Dahl', password: 'correct horse battery' },
    });
    const { items, people, withoutSecondFactor } = await ola.browser.client.call(listStaff, {});
    expect({ people, withoutSecondFactor }).toEqual({ people: 2, withoutSecondFactor: 2 });
    expect(items).toEqual([
      {
        personId: made.person.personId,
        name: 'Kim Dahl',
        email: 'kim@vendor.example',
        status: 'active',
        secondFactor: false,
        roles: [
          { role: 'order-desk', until: null, grantedBy: 'Ola Berg', grantedAt: '2026-11-22T12:00:00Z' },
        ],
      },
      expect.objectContaining({ name: 'Ola Berg', roles: [expect.objectContaining({ role: 'operator' })] }),
    ]);
    expect(await codeOf(invite(ola, { email: 'kim@vendor.example', role: 'support' }))).toBe('staff-already');
    const events = await eventsOfKind(server, 'person');
    expect(events.filter(([, operation]) => operation === 'inviteStaff')).toEqual([
      ['Ola Berg', 'inviteStaff', 'made kim@vendor.example staff with order-desk'],
    ]);
  });

  it('gets no link where somebody has a role in an account, which the link would open as well', async () => {
    const { accountId } = await server.account('Northwind');
    const email = 'invited@northwind.example';
    const member = await makeMember(server, accountId);
    await server.db.updateTable('people').set({ email }).where('id', '=', member.personId).execute();
    await server.db.deleteFrom('sign_in_accounts').where('person_id', '=', member.personId).execute();
    expect(await invite(ola, { email, role: 'support' })).toMatchObject({
      invitationLink: null,
      person: { status: 'invited' },
    });
  });

  it('has other roles at once, each with an end of its own, and one event tells all of it', async () => {
    const kim = await makeStaff(server, 'support', 'Kim Dahl');
    const until = roleIn(5);
    const { person } = await change(ola, kim.personId, [
      { role: 'legal-reviewer', until },
      { role: 'order-desk' },
    ]);
    expect(person.roles.map(({ role, until: ends, grantedBy }) => [role, ends, grantedBy])).toEqual([
      ['legal-reviewer', until, 'Ola Berg'],
      ['order-desk', null, 'Ola Berg'],
    ]);
    const rolesOf = async () => (await kim.browser.client.call(getMe, {})).platformRoles;
    expect(await rolesOf()).toEqual(['order-desk', 'legal-reviewer']);
    server.clock.advance({ hours: 5 });
    expect(await rolesOf()).toEqual(['order-desk']);
    expect((await eventsOfKind(server, 'person')).at(-1)).toEqual([
      'Ola Berg',
      'updateStaff',
      `changed what ${kim.email} is on the platform from support to legal-reviewer until ${until}, order-desk`,
    ]);
  });

  it('ends at once, in sessions that are open', async () => {
    const kim = await makeStaff(server, 'support', 'Kim Dahl');
    await kim.browser.client.call(listAccounts, {});
    await end(ola, kim.personId);
    expect(await codeOf(kim.browser.client.call(listAccounts, {}))).toBe('not-allowed');
    expect(await codeOf(end(ola, kim.personId))).toBe('not-found');
  });
});

describe('nobody', () => {
  it('changes their own platform roles', async () => {
    await makeStaff(server, 'operator', 'Ida Holm');
    expect(await codeOf(change(ola, ola.personId, [{ role: 'operator' }, { role: 'support' }]))).toBe(
      'own-role',
    );
    expect(await codeOf(end(ola, ola.personId))).toBe('own-role');
    expect(await codeOf(invite(ola, { email: ola.email, role: 'support' }))).toBe('own-role');
  });

  it('gives more, or for longer, than they hold', async () => {
    const ida = await makeStaff(server, 'operator', 'Ida Holm', {
      until: server.clock.now().add({ hours: 4 }),
    });
    const email = 'new@vendor.example';
    expect(await codeOf(invite(ida, { email, role: 'support' }))).toBe('grant-exceeds-own');
    expect(await codeOf(invite(ida, { email, role: 'support', until: roleIn(5) }))).toBe('grant-exceeds-own');
    expect((await invite(ida, { email, role: 'support', until: roleIn(4) })).person.email).toBe(email);
    const kim = await makeStaff(server, 'support', 'Kim Dahl');
    expect(await codeOf(invite(kim, { email: 'x@vendor.example', role: 'support' }))).toBe('not-allowed');
    expect(await codeOf(kim.browser.client.call(listStaff, {}))).toBe('not-allowed');
  });

  it('takes the role from the last operator who stays', async () => {
    const ida = await makeStaff(server, 'operator', 'Ida Holm', {
      until: server.clock.now().add({ hours: 4 }),
    });
    expect(await codeOf(end(ida, ola.personId))).toBe('last-operator');
    const byKey = server.operator.call(updateStaff, {
      params: { personId: ola.personId },
      body: { roles: [{ role: 'operator', until: roleIn(2) }] },
    });
    expect(await codeOf(byKey)).toBe('last-operator');
    await makeStaff(server, 'operator', 'Kim Dahl');
    expect(await end(ida, ola.personId)).toEqual({ personId: ola.personId });
  });

  it('does it in a session that was not proved for a while, or with an end that is over', async () => {
    const kim = await makeStaff(server, 'support', 'Kim Dahl');
    expect(await codeOf(change(ola, kim.personId, [{ role: 'support', until: roleIn(-1) }]))).toBe(
      'invalid-request',
    );
    expect(await codeOf(change(ola, kim.personId, [{ role: 'support' }, { role: 'support' }]))).toBe(
      'invalid-request',
    );
    expect(await codeOf(change(ola, kim.personId, []))).toBe('invalid-request');
    server.clock.advance({ minutes: 16 });
    for (const work of [
      () => invite(ola, { email: 'x@vendor.example', role: 'support' }),
      () => change(ola, kim.personId, [{ role: 'order-desk' }]),
      () => end(ola, kim.personId),
      () => ola.browser.client.call(updateStaffSettings, { body: { secondFactorRequired: true } }),
    ]) {
      expect(await codeOf(work())).toBe('step-up-required');
    }
  });
});

describe('where staff needs a second factor', () => {
  const require = (secondFactorRequired: boolean) =>
    server.operator.call(updateStaffSettings, { body: { secondFactorRequired } });

  it('whoever has none has no platform role until they do, and is told so', async () => {
    const { settings } = await require(true);
    expect(settings).toEqual({ secondFactorRequired: true, supportMostMinutes: 480 });
    const before = await ola.browser.client.call(getMe, {});
    expect(before).toMatchObject({ platformRoles: [], platformActions: [], needsSecondFactor: true });
    expect(await codeOf(ola.browser.client.call(listAccounts, {}))).toBe('second-factor-needed');
    await turnOnCodes(server, ola);
    expect(await ola.browser.client.call(getMe, {})).toMatchObject({
      platformRoles: ['operator'],
      needsSecondFactor: false,
    });
    const { withoutSecondFactor, items } = await ola.browser.client.call(listStaff, {});
    expect([withoutSecondFactor, items[0]?.secondFactor]).toEqual([0, true]);
    // What somebody is in an account does not depend on it.
    const { accountId } = await server.account('Southwind');
    const ana = await makeMember(server, accountId);
    expect(await ana.browser.client.call(getMe, {})).toMatchObject({ needsSecondFactor: false });
    await require(false);
  });

  it('the settings are refused when they name nothing or a time nobody could have', async () => {
    const set = (body: object) => server.operator.call(updateStaffSettings, { body });
    expect(await codeOf(set({}))).toBe('invalid-request');
    expect(await codeOf(set({ supportMostMinutes: 14 }))).toBe('invalid-request');
    expect(await codeOf(set({ supportMostMinutes: 481 }))).toBe('invalid-request');
  });
});
