import {
  createApiKey,
  downloadEventChain,
  exportPersonData,
  getAccount,
  getMe,
  getMyData,
  getSetup,
  grantRole,
  listAllPeople,
  listEvents,
  listPeople,
  listRemovals,
  removeMe,
  removePerson,
  updateAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import { enterPassword, password, type SignedInPerson } from '../access/testing/signed-in-person.ts';
import { sealEvents, verifyChainFile, verifyEvents } from '../audit/index.ts';
import {
  createBrowser,
  fetchTrust,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { finishRemovals } from './index.ts';
import { placesOf as placesIn } from './testing/places-of.ts';

let server: TestServer;
let account: SeededAccount;
let round = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  round += 1;
  account = await server.account(`Company ${round}`);
});

/** A person with a name and address that nothing else in the database has. */
async function named(
  email = `wilhelmina.${round}@northwind.example`,
): Promise<SignedInPerson & { name: string }> {
  const name = `Wilhelmina Quist-${round}`;
  const { personId } = await makePersonWithPassword(server, password, email);
  await server.db.updateTable('people').set({ name }).where('id', '=', personId).execute();
  return { personId, email, name, browser: await enterPassword(server, email) };
}

const give = (
  email: string,
  role: 'account-administrator' | 'viewer' = 'account-administrator',
  at = account,
) =>
  at.administrator.call(grantRole, {
    params: { accountId: at.accountId },
    body: { email, role, scope: { kind: 'account' } },
  });

/** Somebody else who administers the account, so that others may leave. */
async function another(at = account): Promise<void> {
  const { email } = await makePersonWithPassword(server, password);
  await give(email, 'account-administrator', at);
}

const seal = () => sealEvents(server.db, server.clock.now());
async function finish(): Promise<void> {
  server.clock.advance({ minutes: 3 });
  await finishRemovals(server.jobDependencies);
}

const removeOneself = ({ browser, email }: SignedInPerson) =>
  browser.client.call(removeMe, { body: { confirmation: email } });

const chain = (seeded = account) =>
  seeded.administrator.call(downloadEventChain, { params: { accountId: seeded.accountId } });
async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}
const checkFile = async (text: string) => {
  const { keys } = (await fetchTrust(server.address)).signingKeys;
  const { fault, isTrusted, events } = await verifyChainFile(linesOf(text), { trusted: keys });
  return { fault, isTrusted, events };
};
const chainFault = async (accountId = account.accountId) =>
  (await verifyEvents(server.db, accountId))[0]?.fault ?? null;

const placesOf = (text: string) => placesIn(server.db, text);

describe('what is stored about a person', () => {
  it('is told to them, whole', async () => {
    const who = await named();
    await give(who.email, 'viewer');
    const data = await who.browser.client.call(getMyData, {});
    expect(data.person).toMatchObject({ personId: who.personId, name: who.name, email: who.email });
    expect(data.grants).toMatchObject([
      { accountName: `Company ${round}`, role: 'viewer', group: null, until: null },
    ]);
    expect(data.sessions).toHaveLength(1);
    expect(data.signInMethods).toEqual({
      password: true,
      codesSince: null,
      recoveryCodesLeft: 0,
      passkeys: [],
    });
    expect(data.mails).toMatchObject([{ kind: 'role-given', state: 'kept' }]);
    expect(data).toMatchObject({ platformRoles: [], apiKeys: [], accountRequests: [], eventsLeftOut: 0 });
    expect(JSON.stringify(data)).not.toMatch(/argon2|secret|hash/i);
    expect((await refusal(account.administrator.call(getMyData, {}))).code).toBe('person-required');
  });

  it('is told to an operator with a reason, which is written down', async () => {
    const who = await named();
    const { data } = await server.operator.call(exportPersonData, {
      params: { personId: who.personId },
      body: { reason: 'Letter of 3 November' },
    });
    expect(data.person.email).toBe(who.email);
    const after = await who.browser.client.call(getMyData, {});
    expect(after.events).toMatchObject([
      {
        as: 'object',
        operation: 'exportPersonData',
        message: `exported all that is stored about ${who.email}: Letter of 3 November`,
      },
    ]);
    const nobody = server.operator.call(exportPersonData, {
      params: { personId: 'x' },
      body: { reason: 'x' },
    });
    expect((await refusal(nobody)).code).toBe('not-found');
    const { items } = await server.operator.call(listAllPeople, { query: { search: who.email } });
    expect(items).toMatchObject([{ personId: who.personId, name: who.name, accounts: 0 }]);
  });
});

describe('a removal', () => {
  it('ends everything at once, and leaves neither address nor name in any table', async () => {
    const who = await named();
    await another();
    await give(who.email);
    const { accountId } = account;
    const params = { accountId };
    const { client } = who.browser;
    await client.call(updateAccount, { params, body: { name: `Renamed ${round}` } });
    const { secret } = await client.call(createApiKey, {
      params,
      body: { name: 'Robot', role: 'account-administrator', scope: { kind: 'account' } },
      idempotencyKey: `key-${round}`,
    } as Parameters<typeof client.call>[1] as never);
    await client.call(grantRole, {
      params,
      body: { email: `friend.${round}@northwind.example`, role: 'viewer', scope: { kind: 'account' } },
    });
    await seal();
    const before = await chain();
    expect(await placesOf(who.email)).toEqual(
      expect.arrayContaining(['people.email', 'events.message', 'mails.recipient']),
    );
    expect(await placesOf(who.name)).toEqual(
      expect.arrayContaining([
        'people.name',
        'events.actor_name',
        'grants.granted_by',
        'api_keys.created_by',
      ]),
    );

    const { removal } = await removeOneself(who);
    expect(removal).toMatchObject({ removedBy: 'themselves', textsDoneAt: null });
    expect(removal.pseudonym).toMatch(/^Removed person [0-9A-Z]{4}$/);
    // Nothing of theirs opens anything any more.
    expect((await refusal(client.call(getMe, {}))).code).toBe('sign-in-required');
    expect((await refusal(server.client(secret).call(getMe, {}))).code).toBe('sign-in-failed');
    const again = await createBrowser(server.address).post('/auth/sign-in/email', {
      email: who.email,
      password,
    });
    expect(again.status).toBe(401);
    const { items: people } = await account.administrator.call(listPeople, { params, query: { limit: 200 } });
    expect(people.map(({ personId }) => personId)).not.toContain(who.personId);

    await finish();
    expect(await placesOf(who.email)).toEqual([]);
    expect(await placesOf(who.name)).toEqual([]);
    const { items } = await server.operator.call(listRemovals, {});
    expect(items[0]).toMatchObject({ ...removal, textsDoneAt: server.clock.now().toString() });

    // The trail says who without the name, and the chain holds: before, and after.
    const { items: events } = await account.administrator.call(listEvents, {
      params,
      query: { actorId: who.personId },
    });
    expect(events.map(({ actor, message, from }) => [actor.name, message, from])).toEqual([
      [removal.pseudonym, `gave friend.${round}@northwind.example the role viewer`, null],
      [removal.pseudonym, 'made the API key Robot with the role account-administrator', null],
      [removal.pseudonym, expect.stringContaining(`Renamed ${round}`), null],
    ]);
    expect(await chainFault()).toBeNull();
    const after = await chain();
    expect(await checkFile(before)).toMatchObject({ fault: null, isTrusted: true });
    expect(await checkFile(after)).toMatchObject({ fault: null, isTrusted: true });
    expect(after).not.toContain(who.email);
    // Doing it again finds nothing more.
    const told = await server.db.selectFrom('events').select('event_id').execute();
    await finish();
    expect(await server.db.selectFrom('events').select('event_id').execute()).toHaveLength(told.length);
  });

  it('is refused while an account or the installation would be left alone, and without the address typed', async () => {
    const who = await named();
    await give(who.email);
    const alone = await refusal(removeOneself(who));
    expect(alone).toMatchObject({
      code: 'last-administrator',
      accounts: [{ accountId: account.accountId, name: `Company ${round}` }],
    });
    await another();
    await server.db
      .insertInto('platform_grants')
      .values({ person_id: who.personId, role: 'operator', granted_at: server.clock.now() })
      .execute();
    expect((await refusal(removeOneself(who))).code).toBe('last-operator');
    await server.db.deleteFrom('platform_grants').where('person_id', '=', who.personId).execute();
    const wrong = who.browser.client.call(removeMe, { body: { confirmation: 'somebody@else.example' } });
    expect((await refusal(wrong)).code).toBe('confirmation-wrong');
    server.clock.advance({ minutes: 16 });
    expect((await refusal(removeOneself(who))).code).toBe('step-up-required');
    const byKey = account.administrator.call(removeMe, { body: { confirmation: who.email } });
    expect((await refusal(byKey)).code).toBe('person-required');
    // Nothing of it changed anything.
    expect((await who.browser.client.call(getMe, {})).accounts).toHaveLength(1);
  });

  it('is not held up by accounts that are over, of which nobody can be made administrator any more', async () => {
    const set = (status: 'active' | 'suspended' | 'closed' | 'merged', mergedInto: string | null = null) =>
      server.db
        .updateTable('accounts')
        .set({ status, merged_into: mergedInto, status_since: server.clock.now() })
        .where('account_id', '=', account.accountId)
        .execute();
    const other = await server.account(`Other ${round}`);
    const [closes, merges] = [
      await named(`closes.${round}@x.example`),
      await named(`merges.${round}@x.example`),
    ];
    await give(closes.email);
    // One that may be reactivated still needs somebody.
    await set('suspended');
    expect((await refusal(removeOneself(closes))).code).toBe('last-administrator');
    await set('closed');
    expect((await removeOneself(closes)).removal.removedBy).toBe('themselves');
    await set('active');
    await give(merges.email);
    await set('merged', other.accountId);
    const { removal } = await server.operator.call(removePerson, {
      params: { personId: merges.personId },
      body: { confirmation: merges.email, reason: 'Letter of 4 November' },
    });
    expect(removal.removedBy).toBe('operator');
  });

  it('leaves one of two operators, and one of two administrators, who go at the same moment', async () => {
    const [first, second] = [await named(`one.${round}@x.example`), await named(`two.${round}@x.example`)];
    for (const { email, personId } of [first, second]) {
      await give(email);
      await server.db
        .insertInto('platform_grants')
        .values({ person_id: personId, role: 'operator', granted_at: server.clock.now() })
        .execute();
    }
    const results = await Promise.all(
      [first, second].map((who) =>
        removeOneself(who).then(
          () => 'removed',
          (error: { problem: { code: string } }) => error.problem.code,
        ),
      ),
    );
    expect(results.toSorted()[1]).toBe('removed');
    expect(['last-administrator', 'last-operator']).toContain(results.toSorted()[0]);
    await server.db.deleteFrom('platform_grants').execute();
  });

  it('is done by an operator with a reason, and the address may be invited again as somebody new', async () => {
    const who = await named();
    await another();
    await give(who.email);
    const { pseudonym } = (
      await server.operator.call(removePerson, {
        params: { personId: who.personId },
        body: { confirmation: who.email, reason: `${who.name} left the company` },
      })
    ).removal;
    server.clock.advance({ seconds: 1 });
    const again = await give(who.email, 'viewer');
    expect(again.personId).not.toBe(who.personId);
    await finish();
    const { items } = await account.administrator.call(listPeople, {
      params: { accountId: account.accountId },
      query: { search: who.email },
    });
    expect(items).toMatchObject([{ personId: again.personId, email: who.email, status: 'invited' }]);
    expect(items[0]?.grants.map(({ role }) => role)).toEqual(['viewer']);
    // What was before names nobody; what came after names the new one.
    const { items: events } = await account.administrator.call(listEvents, {
      params: { accountId: account.accountId },
      query: { operation: 'grantRole' },
    });
    expect(events.map(({ message }) => message).slice(0, 2)).toEqual([
      `gave ${who.email} the role viewer`,
      `gave ${pseudonym} the role account-administrator`,
    ]);
    const platform = await server.db
      .selectFrom('events')
      .select('message')
      .where('operation', '=', 'removePerson')
      .where('object_id', '=', who.personId)
      .where('actor_kind', '=', 'api-key')
      .execute();
    expect(platform).toEqual([
      { message: `removed a person, who is called ${pseudonym} from now on: ${pseudonym} left the company` },
    ]);
  });

  it('leaves no session and no role to a sign-in or a grant that is under way', async () => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const who = await named(`race.${round}.${attempt}@x.example`);
      const [signedIn, , granted] = await Promise.all([
        createBrowser(server.address).post('/auth/sign-in/email', { email: who.email, password }),
        removeOneself(who),
        give(who.email, 'viewer'),
      ]);
      expect([200, 401], await signedIn.clone().text()).toContain(signedIn.status);
      const sessions = await server.db
        .selectFrom('sessions')
        .select('id')
        .where('person_id', '=', who.personId)
        .execute();
      expect(sessions).toEqual([]);
      const grants = await server.db
        .selectFrom('held_grants')
        .select('person_id')
        .where('person_id', '=', who.personId)
        .execute();
      expect(grants).toEqual([]);
      // The grant was either theirs and went with them, or is that of somebody new.
      const people = await server.db
        .selectFrom('people')
        .select('id')
        .where('email', '=', who.email)
        .execute();
      expect(people.map(({ id }) => id)).toEqual(granted.personId === who.personId ? [] : [granted.personId]);
    }
  });
});

describe('the chain of events after a removal', () => {
  /** An account in whose chain somebody was named, and removed. */
  async function removed(): Promise<string> {
    const who = await named();
    await another();
    await give(who.email);
    await who.browser.client.call(updateAccount, {
      params: { accountId: account.accountId },
      body: { name: `Renamed ${round}` },
    });
    await seal();
    await removeOneself(who);
    await finish();
    expect(await chainFault()).toBeNull();
    return who.personId;
  }

  const untouched = () =>
    sql`account_id = ${account.accountId} and rewritten_at is null and operation = 'createAccount'`;

  it.each([
    [
      'a rewritten event is changed',
      () =>
        sql`update events set message = 'forged' where account_id = ${account.accountId} and rewritten_at is not null`,
    ],
    [
      'another event is changed and called rewritten',
      () => sql`update events set message = 'forged', rewritten_at = now() where ${untouched()}`,
    ],
    [
      'another event is only called rewritten',
      () => sql`update events set rewritten_at = now() where ${untouched()}`,
    ],
    ['another event is changed', () => sql`update events set message = 'forged' where ${untouched()}`],
    [
      'the statement is gone',
      () =>
        sql`update events set after = null where account_id = ${account.accountId} and operation = 'removePerson'`,
    ],
    [
      'a rewritten event is said to be as it was sealed',
      () =>
        sql`update events set rewritten_at = null where account_id = ${account.accountId} and rewritten_at is not null`,
    ],
    [
      'a sealed hash is another one',
      () =>
        sql`update events set hash = decode(repeat('00', 32), 'hex') where account_id = ${account.accountId} and rewritten_at is not null`,
    ],
  ])('does not hold when %s', async (_what, forge) => {
    await removed();
    const good = await chain();
    expect(await checkFile(good)).toMatchObject({ fault: null, isTrusted: true });
    await forge().execute(server.db);
    expect(await chainFault()).not.toBeNull();
    expect((await checkFile(await chain())).fault).not.toBeNull();
  });

  it('does not take a statement that another key signed', async () => {
    const personId = await removed();
    await sql`update events set message = 'forged', rewritten_at = now() where ${untouched()}`.execute(
      server.db,
    );
    // Somebody with the database alone writes the event of another removal, and lets it be sealed.
    const { after } = await server.db
      .selectFrom('events')
      .select('after')
      .where('account_id', '=', account.accountId)
      .where('operation', '=', 'removePerson')
      .executeTakeFirstOrThrow();
    const [head, , signature] = (after as { rewritten: string }).rewritten.split('.');
    const payload = Buffer.from(
      JSON.stringify({
        installationId: server.installation.installationId,
        accountId: account.accountId,
        batches: [],
        signedAt: '2026-11-22T12:00:00Z',
      }),
    ).toString('base64url');
    await sql`
      insert into events (account_id, event_id, at, actor_kind, actor_name, operation, message, object_kind, object_id, after)
      values (${account.accountId}, ${server.jobDependencies.newId()}, ${server.clock.now()}, 'system', 'Estover', 'removePerson', 'x',
              'person', ${personId}, ${JSON.stringify({ rewritten: `${head}.${payload}.${signature}` })}::jsonb)`.execute(
      server.db,
    );
    await seal();
    expect((await chainFault())?.what).toMatch(
      /^the signature of the statement about rewritten events is wrong/,
    );
    expect((await checkFile(await chain())).fault?.what).toMatch(/^the signature of the statement/);
  });

  it('holds after many removals, of people whom the same events name', async () => {
    await another();
    const people: SignedInPerson[] = [];
    for (const index of [1, 2, 3]) {
      const who = await named(`many.${round}.${index}@x.example`);
      await give(who.email);
      people.push(who);
    }
    const [first, second, third] = people as unknown as [SignedInPerson, SignedInPerson, SignedInPerson];
    await give(third.email, 'viewer');
    await seal();
    const files = [await chain()];
    for (const who of [first, third, second]) {
      await removeOneself(who);
      await finish();
      expect(await chainFault()).toBeNull();
      files.push(await chain());
    }
    for (const file of files) expect(await checkFile(file)).toMatchObject({ fault: null, isTrusted: true });
    const last = files.at(-1) ?? '';
    for (const { email } of people) expect(last).not.toContain(email);
  });

  it('does not let a guess at what was erased be proved', async () => {
    const personId = await removed();
    const rows = await server.db
      .selectFrom('events')
      .select('salt')
      .where('account_id', '=', account.accountId)
      .where('actor_id', '=', personId)
      .execute();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ salt }) => salt === null)).toBe(true);
  });
});

it('says nothing about removals to whoever is nobody here', async () => {
  expect((await server.client().call(getSetup, {})).needed).toBeTypeOf('boolean');
  expect((await refusal(account.administrator.call(listRemovals, {}))).code).toBe('not-allowed');
  await account.administrator.call(getAccount, { params: { accountId: account.accountId } });
});
