import { randomUUIDv7 } from 'node:crypto';
import { addToGroup, createApiKey, getMe, getProvisioning, grantRole, listPeople } from '@estover/protocol';
import { describe, expect, it } from 'vitest';
import { createBrowser, refusal } from '../../testing/index.ts';
import { makePersonWithPassword } from '../testing/person-with-password.ts';
import { entraUser, oktaUser, patchOf, scimClient } from '../testing/scim-client.ts';
import { mailsTo } from '../testing/signed-in-person.ts';
import { clientName as by, useScim } from '../testing/use-scim.ts';

const world = useScim();
const { scim, mail, params, create, deactivate, activate, makeGroup, add, peopleNow, events } = world;

describe('what identity providers ask first', () => {
  it('is answered by the address of the account', async () => {
    const config = await scim('GET', '/ServiceProviderConfig');
    expect(config.status).toBe(200);
    expect(config.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(config.body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      etag: { supported: true },
      meta: {
        location: `http://estover.test/scim/v2/accounts/${world.account.accountId}/ServiceProviderConfig`,
      },
    });
    const types = await scim('GET', '/ResourceTypes');
    expect(types.body).toMatchObject({ totalResults: 2, Resources: [{ id: 'User' }, { id: 'Group' }] });
    expect((await scim('GET', '/ResourceTypes/Group')).body).toMatchObject({ endpoint: '/Groups' });
    const schema = 'urn:ietf:params:scim:schemas:core:2.0:User';
    expect((await scim('GET', '/Schemas')).body.totalResults).toBe(2);
    expect((await scim('GET', `/Schemas/${schema}`)).body).toMatchObject({ id: schema, name: 'User' });
    expect((await scim('GET', '/Schemas/other')).status).toBe(404);
    expect((await scim('GET', '/Schemas?filter=id%20eq%20"x"')).status).toBe(403);
    expect((await scim('GET', '/Bulk')).body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: 'There is nothing at this address.',
    });
  });

  it('needs a client that manages people in the whole account, by its secret or a token', async () => {
    const unsigned = await scimClient(world.server, world.account.accountId, null)('GET', '/Users');
    expect([unsigned.status, unsigned.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="estover"',
    ]);
    expect(unsigned.body).toMatchObject({
      status: '401',
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    });
    const statusOf = async (secret: string) =>
      (await scimClient(world.server, world.account.accountId, secret)('GET', '/Users')).status;
    expect(await statusOf('esak_wrong')).toBe(401);
    expect(await statusOf(await world.server.keyOf(world.account.accountId, 'account-user'))).toBe(403);
    expect(await statusOf(await world.server.keyOf(world.account.accountId, 'approver'))).toBe(403);
    const part = {
      kind: 'virtual-accounts' as const,
      virtualAccounts: [{ virtualAccountId: world.account.defaultVirtualAccountId, nested: true }],
    };
    const inPart = await world.server.keyOf(world.account.accountId, 'virtual-account-administrator', part);
    expect(await statusOf(inPart)).toBe(403);
    // Of other accounts nobody learns whether they are there.
    const other = await world.server.account(`other ${randomUUIDv7()}`);
    const elsewhere = await scimClient(world.server, other.accountId, world.key)('GET', '/Users');
    const nowhere = await scimClient(world.server, randomUUIDv7(), world.key)('GET', '/Users');
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body).toEqual(nowhere.body);
    expect((await scimClient(world.server, 'x', world.key)('GET', '/Users')).body).toEqual(nowhere.body);
    expect(await statusOf(world.server.operatorKey)).toBe(404);
    // An administrator's browser is no identity provider.
    const person = await makePersonWithPassword(world.server, 'correct horse battery', mail('ana'));
    await world.account.administrator.call(grantRole, {
      params: params(),
      body: { email: person.email, role: 'account-administrator', scope: { kind: 'account' } },
    });
    const browser = createBrowser(world.server.address);
    await browser.post('/auth/sign-in/email', { email: person.email, password: 'correct horse battery' });
    expect((await browser.request('GET', `/scim/v2/accounts/${world.account.accountId}/Users`)).status).toBe(
      401,
    );

    const made = await world.account.administrator.call(createApiKey, {
      params: params(),
      body: { name: 'Entra', role: 'account-administrator', scope: { kind: 'account' } },
    });
    const token = await fetch(`${world.server.address}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: made.apiKey.apiKeyId,
        client_secret: made.secret,
      }),
    });
    const { access_token } = (await token.json()) as { access_token: string };
    expect(await statusOf(access_token)).toBe(200);
  });
});

it('changes nothing in an account that is suspended, and reads it', async () => {
  const id = await create('held');
  const set = (status: string) =>
    world.server.db
      .updateTable('accounts')
      .set({ status })
      .where('account_id', '=', world.account.accountId)
      .execute();
  await set('suspended');
  const rename = patchOf({ op: 'replace', path: 'displayName', value: 'Other' });
  for (const [method, path, body] of [
    ['POST', '/Users', entraUser(mail('late'))],
    ['PATCH', `/Users/${id}`, rename],
    ['DELETE', `/Users/${id}`],
  ] as const) {
    const answered = await scim(method, path, body);
    expect([answered.status, answered.body.detail]).toEqual([
      409,
      expect.stringContaining('The account is suspended'),
    ]);
  }
  expect((await scim('GET', `/Users/${id}`)).status).toBe(200);
  await set('active');
  expect((await scim('PATCH', `/Users/${id}`, rename)).status).toBe(200);
});

describe('users, as Entra ID keeps them', () => {
  it('are looked up, made, looked up again and changed, with one event for each change', async () => {
    const lookUp = () => scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${mail('Mira')}"`)}`);
    expect((await lookUp()).body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    const made = await scim('POST', '/Users', entraUser(mail('Mira')));
    expect(made.status).toBe(201);
    const { id } = made.body;
    const location = `http://estover.test/scim/v2/accounts/${world.account.accountId}/Users/${id}`;
    const now = world.server.clock.now().toString();
    expect(made.headers.get('location')).toBe(location);
    expect(made.body).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id,
      externalId: `ext-${mail('Mira')}`,
      userName: mail('mira'),
      name: { formatted: 'Mira Holt', givenName: 'Mira', familyName: 'Holt' },
      displayName: 'Mira Holt',
      emails: [{ value: mail('mira'), type: 'work', primary: true }],
      active: true,
      meta: {
        resourceType: 'User',
        created: now,
        lastModified: now,
        location,
        version: made.headers.get('etag'),
      },
    });
    expect((await lookUp()).body.Resources).toEqual([made.body]);
    const byExternalId = `externalId eq "ext-${mail('Mira')}" and userName eq "${mail('mira')}"`;
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(byExternalId)}`);
    expect(found.body.Resources).toEqual([made.body]);
    // They are invited, and hold nothing yet.
    expect(await mailsTo(world.server, mail('mira'))).toHaveLength(1);
    expect(await peopleNow()).toEqual([]);

    world.server.clock.advance({ minutes: 1 });
    const change = patchOf(
      { op: 'Replace', path: 'displayName', value: 'Mira Holt-Lind' },
      { op: 'Add', path: 'name.familyName', value: 'Holt-Lind' },
      {
        op: 'Add',
        path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
        value: 'IT',
      },
    );
    const changed = await scim('PATCH', `/Users/${id}`, change);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      displayName: 'Mira Holt-Lind',
      name: { familyName: 'Holt-Lind', givenName: 'Mira' },
      meta: { created: now, lastModified: world.server.clock.now().toString() },
    });
    expect(changed.headers.get('etag')).not.toBe(made.headers.get('etag'));
    world.server.clock.advance({ minutes: 1 });
    // The same once more changes nothing.
    expect((await scim('PATCH', `/Users/${id}`, change)).body).toEqual(changed.body);
    expect(await events()).toEqual([
      `${by} provisionPerson: provisioned ${mail('mira')}`,
      `${by} updateProvisionedPerson: changed what is said of ${mail('mira')}`,
    ]);
  });

  it('lose all rights here at once when they are deactivated, and nothing elsewhere', async () => {
    const person = await makePersonWithPassword(world.server, 'correct horse battery', mail('mira'));
    const elsewhere = await world.server.account(`other ${randomUUIDv7()}`);
    for (const each of [world.account, elsewhere]) {
      await each.administrator.call(grantRole, {
        params: { accountId: each.accountId },
        body: { email: person.email, role: 'account-administrator', scope: { kind: 'account' } },
      });
    }
    const byHand = await makeGroup('By hand', {}, false);
    await world.account.administrator.call(addToGroup, {
      params: { ...params(), groupId: byHand },
      body: { people: [{ email: person.email }] },
    });
    const browser = createBrowser(world.server.address);
    await browser.post('/auth/sign-in/email', { email: person.email, password: 'correct horse battery' });
    const theirKey = await browser.client.call(createApiKey, {
      params: params(),
      body: { name: 'Theirs', role: 'viewer', scope: { kind: 'account' } },
    });
    const accountsOf = async () =>
      (await browser.client.call(getMe, {})).accounts.map(({ accountId }) => accountId).sort();
    expect(await accountsOf()).toEqual([world.account.accountId, elsewhere.accountId].sort());
    // Somebody who is there already is found and not made again.
    const again = await scim('POST', '/Users', entraUser(person.email));
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness']);
    // There is another administrator, so they may go.
    const second = await makePersonWithPassword(
      world.server,
      'correct horse battery',
      `x@${randomUUIDv7()}.example`,
    );
    const grantedSecond = world.account.administrator.call(grantRole, {
      params: params(),
      body: { email: second.email, role: 'account-administrator', scope: { kind: 'account' } },
    });
    await grantedSecond;

    const gone = await deactivate(person.personId);
    expect([gone.status, gone.body.active]).toEqual([200, false]);
    expect(await accountsOf()).toEqual([elsewhere.accountId]);
    const theirs = world.server.client(theirKey.secret).call(getMe, {});
    expect(await refusal(theirs)).toMatchObject({ code: 'sign-in-failed' });
    expect(await peopleNow()).toEqual([]);
    expect((await deactivate(person.personId)).status).toBe(200);
    expect(await events()).toEqual([
      `account-administrator key updateProvisionedPerson: deactivated ${person.email} with a role and a group, and revoked an API key they made with it`,
    ]);
    // The console does not give them anything behind the identity provider's back.
    const given = world.account.administrator.call(grantRole, {
      params: params(),
      body: { email: person.email, role: 'viewer', scope: { kind: 'account' } },
    });
    expect(await refusal(given)).toMatchObject({ code: 'person-deactivated', status: 409 });
    const back = await activate(person.personId);
    expect(back.body.active).toBe(true);
    // What was given by hand has ended for good.
    expect(await peopleNow()).toEqual([]);
    expect(await accountsOf()).toEqual([elsewhere.accountId]);
  });

  it('the last administrator stays', async () => {
    const person = await makePersonWithPassword(world.server, 'correct horse battery', mail('ana'));
    await world.account.administrator.call(grantRole, {
      params: params(),
      body: { email: person.email, role: 'account-administrator', scope: { kind: 'account' } },
    });
    for (const refused of [
      await deactivate(person.personId),
      await scim('DELETE', `/Users/${person.personId}`),
    ]) {
      expect(refused.status).toBe(409);
      expect(refused.body.detail).toContain('is the last administrator');
    }
    expect(await peopleNow()).toEqual([person.email]);
    expect((await scim('GET', `/Users/${person.personId}`)).body.active).toBe(true);
    expect(await events()).toEqual([]);
  });
});

describe('users, as Okta keeps them', () => {
  it('are made, replaced whole, deactivated by that, and deleted', async () => {
    const made = await scim('POST', '/Users', oktaUser(mail('mira')), {
      'content-type': 'application/scim+json; charset=utf-8',
    });
    expect(made.status).toBe(201);
    expect(JSON.stringify(made.body)).not.toContain('1mz050nq');
    const { id } = made.body;
    const renamed = await scim('PUT', `/Users/${id}`, oktaUser(mail('mira'), { id, displayName: 'M. Holt' }));
    expect([renamed.status, renamed.body.displayName]).toEqual([200, 'M. Holt']);
    const { active: _, ...silent } = oktaUser(mail('mira'), { id });
    const off = await scim('PUT', `/Users/${id}`, oktaUser(mail('mira'), { id, active: false }));
    expect(off.body.active).toBe(false);
    // Whoever says nothing of it does not activate anybody.
    expect((await scim('PUT', `/Users/${id}`, silent)).body.active).toBe(false);
    expect(
      (await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: true } }))).status,
    ).toBe(200);
    const deleted = await scim('DELETE', `/Users/${id}`);
    expect([deleted.status, deleted.body]).toEqual([204, undefined]);
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
      const body = { PUT: oktaUser(mail('mira')), PATCH: patchOf({ op: 'replace', value: {} }) }[method];
      expect((await scim(method, `/Users/${id}`, body)).status, method).toBe(404);
    }
    expect(await events()).toEqual([
      `${by} provisionPerson: provisioned ${mail('mira')}`,
      `${by} updateProvisionedPerson: changed what is said of ${mail('mira')}`,
      `${by} updateProvisionedPerson: deactivated ${mail('mira')}`,
      `${by} updateProvisionedPerson: activated ${mail('mira')}`,
      `${by} deprovisionPerson: took ${mail('mira')} out of the account`,
    ]);
    expect((await scim('POST', '/Users', oktaUser(mail('mira')))).status).toBe(201);
  });
});

describe('users are refused', () => {
  it('outside of the mail domains of the account, and nobody of another account is seen or touched', async () => {
    const other = await world.server.account(`other ${randomUUIDv7()}`);
    const foreign = await makePersonWithPassword(
      world.server,
      'correct horse battery',
      `x@${randomUUIDv7()}.example`,
    );
    const partner = await makePersonWithPassword(
      world.server,
      'correct horse battery',
      `p@${randomUUIDv7()}.example`,
    );
    // One has a role in another account only, with an address in this one's domain; one is a partner in this one.
    const own = await makePersonWithPassword(world.server, 'correct horse battery', mail('elsewhere'));
    for (const [where, email] of [
      [other, foreign.email],
      [other, own.email],
      [world.account, partner.email],
    ] as const) {
      await where.administrator.call(grantRole, {
        params: { accountId: where.accountId },
        body: { email, role: 'viewer', scope: { kind: 'account' } },
      });
    }
    expect((await scim('GET', '/Users')).body.totalResults).toBe(0);
    const groupId = await makeGroup('Night shift');
    for (const { personId, email } of [foreign, partner, own]) {
      const filter = encodeURIComponent(`userName eq "${email}"`);
      expect((await scim('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(0);
      const nobody = await scim('GET', `/Users/${randomUUIDv7()}`);
      expect((await scim('GET', `/Users/${personId}`)).body).toEqual(nobody.body);
      expect((await deactivate(personId)).body).toEqual(nobody.body);
      expect((await scim('DELETE', `/Users/${personId}`)).body).toEqual(nobody.body);
      const added = await add(groupId, personId);
      expect([added.status, added.body.scimType]).toEqual([400, 'invalidValue']);
    }
    const refused = await scim('POST', '/Users', entraUser(foreign.email));
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidValue']);
    expect(refused.body.detail).toContain(`is not in a mail domain of this account (${world.domain})`);
    const sub = await scim('POST', '/Users', entraUser(`x@sub.${world.domain}`));
    expect(sub.status).toBe(400);
    const theirs = await other.administrator.call(listPeople, { params: { accountId: other.accountId } });
    expect(theirs.items.map(({ email }) => email)).toEqual(
      expect.arrayContaining([foreign.email, own.email]),
    );
    // Whoever is in the domain and nobody here may be made, which leaves what they hold elsewhere.
    const made = await scim('POST', '/Users', entraUser(own.email));
    expect([made.status, made.body.id]).toEqual([201, own.personId]);
    expect((await scim('DELETE', `/Users/${own.personId}`)).status).toBe(204);
    const after = await other.administrator.call(listPeople, { params: { accountId: other.accountId } });
    expect(after.items).toEqual(theirs.items);
  });

  it('with a filter, a body, a number or a change that cannot be taken', async () => {
    const id = await create('mira');
    const group = await makeGroup('Night shift');
    const before = (await scim('GET', `/Users/${id}`)).body;
    const said = (await events()).length;
    const cases: [string, string, unknown, number, string | undefined][] = [
      ['GET', '/Users?filter=userName%20co%20"x"', undefined, 400, 'invalidFilter'],
      ['GET', '/Users?filter=title%20eq%20"x"', undefined, 400, 'invalidFilter'],
      ['GET', '/Users?filter=', undefined, 400, 'invalidFilter'],
      ['GET', '/Groups?filter=userName%20eq%20"x"', undefined, 400, 'invalidFilter'],
      ['GET', '/Users?count=many', undefined, 400, 'invalidValue'],
      ['POST', '/Users', '{', 400, 'invalidSyntax'],
      ['POST', '/Users', undefined, 400, 'invalidSyntax'],
      ['POST', '/Users', [], 400, 'invalidSyntax'],
      ['POST', '/Users', { userName: 'mira' }, 400, 'invalidValue'],
      ['POST', '/Users', entraUser(mail('MIRA')), 409, 'uniqueness'],
      ['POST', '/Users', JSON.stringify({ userName: 'x'.repeat(1024 * 1024) }), 413, undefined],
      ['PUT', `/Users/${id}`, entraUser(mail('other')), 400, 'mutability'],
      [
        'PATCH',
        `/Users/${id}`,
        patchOf({ op: 'replace', path: 'userName', value: mail('other') }),
        400,
        'mutability',
      ],
      ['PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'shoeSize', value: 1 }), 400, 'invalidPath'],
      ['PATCH', `/Users/${id}`, { Operations: [] }, 400, 'invalidSyntax'],
      ['PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: 'no' }), 400, 'invalidValue'],
      ['POST', '/Groups', { displayName: 'New' }, 403, undefined],
      ['POST', '/Groups', { displayName: 'NIGHT shift' }, 409, 'uniqueness'],
      ['DELETE', `/Groups/${group}`, undefined, 403, undefined],
      [
        'PATCH',
        `/Groups/${group}`,
        patchOf({ op: 'replace', path: 'displayName', value: 'Day' }),
        400,
        'mutability',
      ],
      ['PATCH', '/Groups/x', patchOf({ op: 'add', path: 'members', value: [] }), 404, undefined],
    ];
    const answers = [];
    for (const [method, path, body] of cases) {
      const { status, body: told } = await scim(method, path, body);
      expect(told).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(status),
        detail: expect.stringMatching(/\.$/),
      });
      answers.push([method, path, status, told.scimType]);
    }
    expect(answers).toEqual(
      cases.map(([method, path, , status, scimType]) => [method, path, status, scimType]),
    );
    const wrongType = await scim('POST', '/Users', '<x/>', { 'content-type': 'text/xml' });
    expect(wrongType.status).toBe(415);
    expect((await scim('GET', `/Users/${id}`)).body).toEqual(before);
    expect(await events()).toHaveLength(said);
  });

  it('in accounts for limited use', async () => {
    await world.server.db
      .updateTable('accounts')
      .set({ kind: 'limited-use' })
      .where('account_id', '=', world.account.accountId)
      .execute();
    expect((await scim('GET', '/Users')).body).toMatchObject({
      detail: expect.stringContaining('has no mail domain of its own'),
    });
  });
});

it('versions say whether something changed, and a change of what is no more like that is refused', async () => {
  const id = await create('mira');
  const read = await scim('GET', `/Users/${id}`);
  const version = read.headers.get('etag') ?? '';
  expect(version).toMatch(/^W\/"[\w-]{27}"$/);
  expect(read.body.meta.version).toBe(version);
  expect((await scim('GET', `/Users/${id}`, undefined, { 'if-none-match': version })).status).toBe(304);
  const rename = (name: string, ifMatch: string) =>
    scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'displayName', value: name }), {
      'if-match': ifMatch,
    });
  expect((await rename('One', version)).status).toBe(200);
  const late = await rename('Two', version);
  expect([late.status, late.body.status]).toEqual([412, '412']);
  expect((await scim('DELETE', `/Users/${id}`, undefined, { 'if-match': version })).status).toBe(412);
  expect((await rename('Three', '*')).body.displayName).toBe('Three');
  const groupId = await makeGroup('Night shift');
  const before = (await scim('GET', `/Groups/${groupId}`)).headers.get('etag') ?? '';
  await add(groupId, id);
  const stale = await scim('PATCH', `/Groups/${groupId}`, patchOf({ op: 'remove', path: 'members' }), {
    'if-match': before,
  });
  expect(stale.status).toBe(412);
  const some = await scim('GET', `/Users/${id}?attributes=userName`);
  expect(Object.keys(some.body).sort()).toEqual(['id', 'schemas', 'userName']);
});

it('the console hears which client asked last, and what it was refused', async () => {
  const box = () => world.account.administrator.call(getProvisioning, { params: params() });
  const groupId = await makeGroup('Night shift');
  expect(await box()).toEqual({
    baseUrl: `http://estover.test/scim/v2/accounts/${world.account.accountId}`,
    mailDomains: [world.domain],
    groups: [{ groupId, name: 'Night shift', role: 'viewer', people: 0 }],
    clients: [],
  });
  await create('mira');
  const first = world.server.clock.now().toString();
  const client = { apiKeyId: expect.any(String), name: by };
  expect((await box()).clients).toEqual([
    { ...client, lastRequest: 'POST /Users', lastRequestAt: first, lastError: null, lastErrorAt: null },
  ]);
  world.server.clock.advance({ minutes: 1 });
  await scim('GET', '/Users?filter=title%20eq%20"secret"');
  const second = world.server.clock.now().toString();
  world.server.clock.advance({ minutes: 1 });
  await scim('GET', '/Users');
  expect((await box()).clients).toEqual([
    {
      ...client,
      lastRequest: 'GET /Users',
      lastRequestAt: world.server.clock.now().toString(),
      lastError: expect.stringContaining('Nothing is filtered by title here.'),
      lastErrorAt: second,
    },
  ]);
  // Whoever may not provision leaves no trace here.
  const viewerKey = await world.server.keyOf(world.account.accountId, 'viewer');
  await scimClient(world.server, world.account.accountId, viewerKey)('GET', '/Users');
  expect((await box()).clients).toHaveLength(1);
  expect(
    await refusal(world.server.client(viewerKey).call(getProvisioning, { params: params() })),
  ).toMatchObject({
    code: 'not-allowed',
  });
});
