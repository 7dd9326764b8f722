import { randomUUIDv7 } from 'node:crypto';
import {
  acceptInvitation,
  addToGroup,
  createApiKey,
  grantRole,
  listPeople,
  reactivateAccount,
  removeFromGroup,
  suspendAccount,
  updateGroup,
} from '@estover/protocol';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../testing/index.ts';
import { makePersonWithPassword } from '../testing/person-with-password.ts';
import { entraUser, patchOf, scimClient } from '../testing/scim-client.ts';
import { clientName as by, useScim } from '../testing/use-scim.ts';

const world = useScim();
const { scim, mail, params, create, deactivate, activate, makeGroup, add, membersIn, peopleNow, events } =
  world;

describe('groups', () => {
  it('have their members added and taken out as Entra ID does it, and what they give goes along', async () => {
    const groupId = await makeGroup('Night shift');
    const [ana, bo, cy] = [await create('ana'), await create('bo'), await create('cy')];
    const filter = encodeURIComponent('displayName eq "night SHIFT"');
    const found = await scim('GET', `/Groups?excludedAttributes=members&filter=${filter}`);
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: groupId, displayName: 'Night shift', meta: { resourceType: 'Group' } }],
    });
    expect(found.body.Resources[0]).not.toHaveProperty('members');
    const added = await add(groupId, ana, bo, cy);
    expect(added.status).toBe(200);
    expect(added.body.members).toEqual(
      [ana, bo, cy].map((value, index) => ({
        value,
        display: mail(['ana', 'bo', 'cy'][index] ?? ''),
        $ref: `http://estover.test/scim/v2/accounts/${world.account.accountId}/Users/${value}`,
      })),
    );
    expect(await peopleNow()).toHaveLength(3);
    // Again, and in the other shapes.
    expect((await add(groupId, ana, bo)).body).toEqual(added.body);
    await scim(
      'PATCH',
      `/Groups/${groupId}`,
      patchOf({ op: 'Remove', path: 'members', value: [{ value: bo }] }),
    );
    await scim('PATCH', `/Groups/${groupId}`, patchOf({ op: 'remove', path: `members[value eq "${cy}"]` }));
    await scim('PATCH', `/Groups/${groupId}`, patchOf({ op: 'remove', path: `members[value eq "${cy}"]` }));
    expect(await membersIn(groupId)).toEqual([mail('ana')]);
    expect(await peopleNow()).toEqual([mail('ana')]);
    const of = async (id: string) =>
      (await scim('GET', `/Groups?filter=${encodeURIComponent(`id eq "${groupId}" and members eq "${id}"`)}`))
        .body.totalResults;
    expect([await of(ana), await of(bo)]).toEqual([1, 0]);
    // As Okta pushes a whole group.
    const whole = {
      displayName: 'Night shift',
      externalId: 'okta-1',
      members: [{ value: bo }, { value: cy }],
    };
    const replaced = await scim('PUT', `/Groups/${groupId}`, whole);
    expect([replaced.status, replaced.body.externalId]).toEqual([200, 'okta-1']);
    expect(await membersIn(groupId)).toEqual([mail('bo'), mail('cy')]);
    expect((await scim('PUT', `/Groups/${groupId}`, whole)).body).toEqual(replaced.body);
    const byExternal = encodeURIComponent('externalId eq "okta-1"');
    expect((await scim('GET', `/Groups?filter=${byExternal}`)).body.Resources).toEqual([replaced.body]);
    expect((await events()).slice(3)).toEqual([
      `${by} updateProvisionedGroup: added ${mail('ana')}, ${mail('bo')}, ${mail('cy')} to the group Night shift`,
      `${by} updateProvisionedGroup: took ${mail('bo')} out of the group Night shift`,
      `${by} updateProvisionedGroup: took ${mail('cy')} out of the group Night shift`,
      `${by} updateProvisionedGroup: added ${mail('bo')}, ${mail('cy')} to the group Night shift, and took ${mail('ana')} out`,
    ]);
    const many = Array.from({ length: 1_001 }, () => ({ value: ana }));
    const tooMany = await scim(
      'PATCH',
      `/Groups/${groupId}`,
      patchOf({ op: 'add', path: 'members', value: many }),
    );
    expect(tooMany.status).toBe(413);
  });

  it('are changed only where an administrator has marked them, and partners in them stay', async () => {
    const groupId = await makeGroup('Night shift', {}, false);
    const ana = await create('ana');
    expect((await scim('GET', '/Groups')).body.totalResults).toBe(0);
    expect((await scim('GET', `/Groups/${groupId}`)).status).toBe(404);
    const refused = await add(groupId, ana);
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain('is not marked as provisioned');
    expect((await scim('POST', '/Groups', { displayName: 'Night shift' })).body.detail).toContain(
      'The group Night shift is not marked as provisioned.',
    );
    expect(await peopleNow()).toEqual([]);
    const partner = `p@${randomUUIDv7()}.example`;
    await world.account.administrator.call(addToGroup, {
      params: { ...params(), groupId },
      body: { people: [{ email: partner }] },
    });
    const { group } = await world.account.administrator.call(updateGroup, {
      params: { ...params(), groupId },
      body: { provisioned: true },
    });
    expect(group.provisioned).toBe(true);
    const viewer = world.server.client(await world.server.keyOf(world.account.accountId, 'viewer'));
    const marking = viewer.call(updateGroup, {
      params: { ...params(), groupId },
      body: { provisioned: false },
    });
    expect(await refusal(marking)).toMatchObject({ code: 'not-allowed' });
    expect(await membersIn(groupId)).toEqual([]);
    await scim('PUT', `/Groups/${groupId}`, { displayName: 'Night shift', members: [{ value: ana }] });
    await scim('PATCH', `/Groups/${groupId}`, patchOf({ op: 'remove', path: 'members' }));
    const { items } = await world.account.administrator.call(listPeople, { params: params() });
    expect(items.map(({ email }) => email)).toContain(partner);
  });

  it('never give more, or for longer, than the client holds itself', async () => {
    const lasting = await makeGroup('Lasting');
    const until = world.server.clock.now().add({ hours: 24 }).toString();
    const short = await makeGroup('Short', { until });
    const ana = await create('ana');
    const made = await world.account.administrator.call(createApiKey, {
      params: params(),
      body: { name: 'Entra', role: 'account-administrator', scope: { kind: 'account' }, expiresInDays: 2 },
    });
    const ending = scimClient(world.server, world.account.accountId, made.secret);
    const adding = patchOf({ op: 'add', path: 'members', value: [{ value: ana }] });
    const refused = await ending('PATCH', `/Groups/${lasting}`, adding);
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain(
      'gives the role viewer without an end, which is more than the client holds',
    );
    expect((await ending('PATCH', `/Groups/${short}`, adding)).status).toBe(200);
    // Taking out, and activating again with it, are the same way.
    await add(lasting, ana);
    await deactivate(ana);
    expect(
      (await ending('PATCH', `/Users/${ana}`, patchOf({ op: 'replace', value: { active: true } }))).status,
    ).toBe(403);
    expect((await scim('GET', `/Users/${ana}`)).body.active).toBe(false);
    expect(await peopleNow()).toEqual([]);
    expect((await activate(ana)).body.active).toBe(true);
    expect(await membersIn(short)).toEqual([mail('ana')]);
    world.server.clock.advance({ hours: 25 });
    const bo = await create('bo');
    const ended = await add(short, bo);
    expect([ended.status, ended.body.detail]).toEqual([409, expect.stringContaining('ended at')]);
  });

  it('keep whoever is deactivated without giving them anything, until they are activated', async () => {
    const groupId = await makeGroup('Night shift');
    const later = await makeGroup('Day shift');
    const ana = await create('ana');
    await add(groupId, ana);
    await deactivate(ana);
    expect(await peopleNow()).toEqual([]);
    expect(await membersIn(groupId)).toEqual([mail('ana')]);
    await add(later, ana);
    expect(await membersIn(later)).toEqual([mail('ana')]);
    expect(await peopleNow()).toEqual([]);
    await scim('PATCH', `/Groups/${groupId}`, patchOf({ op: 'remove', path: `members[value eq "${ana}"]` }));
    await activate(ana);
    expect(await membersIn(groupId)).toEqual([]);
    expect(await membersIn(later)).toEqual([mail('ana')]);
    expect(await peopleNow()).toEqual([mail('ana')]);
    expect((await events()).at(-1)).toBe(
      `${by} updateProvisionedPerson: activated ${mail('ana')}, in Day shift again`,
    );
    await world.account.administrator.call(removeFromGroup, {
      params: { ...params(), groupId: later, personId: ana },
    });
    expect(await membersIn(later)).toEqual([]);
  });

  it('keep the last administrator', async () => {
    const boss = await makePersonWithPassword(world.server, 'correct horse battery', mail('boss'));
    const groupId = await makeGroup('Bosses', { role: 'account-administrator' });
    await scim('POST', '/Users', entraUser(boss.email));
    await add(groupId, boss.personId);
    for (const steps of [
      { op: 'remove', path: 'members' },
      { op: 'replace', path: 'members', value: [] },
    ]) {
      const refused = await scim('PATCH', `/Groups/${groupId}`, patchOf(steps));
      expect([refused.status, refused.body.detail]).toEqual([
        409,
        expect.stringContaining('last administrator'),
      ]);
    }
    expect(await membersIn(groupId)).toEqual([boss.email]);
  });
});

it('ends the link of whoever invited somebody to less than a group gives', async () => {
  const asia = await world.server.virtualAccounts(world.account, 'Asia');
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: asia['Asia'] as string, nested: true }],
  };
  const { accountId } = world.account;
  const delegated = await world.server.keyOf(accountId, 'virtual-account-administrator', scope);
  const { personId, invitationLink } = await world.server
    .client(delegated)
    .call(grantRole, { params: params(), body: { email: mail('bo'), role: 'viewer', scope } });
  const groupId = await makeGroup('Administrators', { role: 'account-administrator' });
  expect((await add(groupId, personId)).status).toBe(200);
  const body = { token: invitationLink as string, name: 'Bo', password: 'correct horse battery' };
  const accepted = world.server.client().call(acceptInvitation, { body });
  expect((await refusal(accepted)).code).toBe('link-invalid');
});

it('changes nothing in an account that is suspended, and reads on', async () => {
  const groupId = await makeGroup('Night shift');
  const [ana, bo] = [await create('ana'), await create('bo')];
  await add(groupId, ana);
  const before = await events();
  await world.server.operator.call(suspendAccount, { params: params(), body: { reason: 'The bill' } });
  const refused = [
    await scim('POST', '/Users', entraUser(mail('cy'))),
    await deactivate(ana),
    await scim('DELETE', `/Users/${bo}`),
    await add(groupId, bo),
  ];
  expect(refused.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
  expect(refused[0]?.body.detail).toContain('The account is suspended (The bill)');
  expect((await scim('GET', '/Users')).body.totalResults).toBe(2);
  expect(await membersIn(groupId)).toEqual([mail('ana')]);
  expect(await events()).toEqual(before);
  await world.server.operator.call(reactivateAccount, { params: params() });
  expect((await add(groupId, bo)).status).toBe(200);
});

it('pages over a thousand users without losing or doubling any', async () => {
  const now = world.server.clock.now();
  const people = Array.from({ length: 1_000 }, (_, index) => ({
    id: randomUUIDv7(),
    email: mail(`p${index}`),
    name: `P ${index}`,
  }));
  await world.server.db
    .insertInto('people')
    .values(people.map((each) => ({ ...each, image: null, created_at: now, updated_at: now })))
    .execute();
  await world.server.db
    .insertInto('provisioned_people')
    .values(
      people.map(({ id }) => ({
        account_id: world.account.accountId,
        person_id: id,
        external_id: null,
        active: true,
        given_name: null,
        family_name: null,
        formatted_name: null,
        display_name: null,
        created_at: now,
        updated_at: now,
      })),
    )
    .execute();
  const seen: string[] = [];
  for (let startIndex = 1; ; ) {
    const { body } = await scim('GET', `/Users?startIndex=${startIndex}&count=150`);
    expect([body.totalResults, body.startIndex]).toEqual([1_000, startIndex]);
    if (body.itemsPerPage === 0) break;
    seen.push(...body.Resources.map(({ id }: { id: string }) => id));
    startIndex += body.itemsPerPage;
  }
  expect(seen).toHaveLength(1_000);
  expect(new Set(seen)).toEqual(new Set(people.map(({ id }) => id)));
  expect((await scim('GET', '/Users?count=0')).body).toMatchObject({ totalResults: 1_000, Resources: [] });
  expect((await scim('GET', '/Users?count=5000')).body.itemsPerPage).toBe(200);
  expect((await scim('GET', '/Users?startIndex=0&count=-1')).body).toMatchObject({
    startIndex: 1,
    itemsPerPage: 0,
  });
  const groupId = await makeGroup('Everybody');
  const all = await add(groupId, ...people.map(({ id }) => id));
  expect(all.body.members).toHaveLength(1_000);
  expect((await events()).at(-1)).toBe(
    `${by} updateProvisionedGroup: added 1000 people to the group Everybody`,
  );
});
