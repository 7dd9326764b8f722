import {
  createGroup,
  createWebhook,
  exportPersonData,
  getMyData,
  grantRole,
  invitePeople,
  listGroups,
  type RewrittenEvents,
  removePerson,
  revokeGrant,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import { entraUser, patchOf, scimClient } from '../access/testing/scim-client.ts';
import { enterPassword, password, type SignedInPerson } from '../access/testing/signed-in-person.ts';
import { recordEvents, sealEvents, verifyEvents } from '../audit/index.ts';
import { systemActor } from '../edge/context.ts';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { finishRemovals } from './index.ts';
import { placesOf } from './testing/places-of.ts';

let server: TestServer;
let account: SeededAccount;
let domain: string;
let round = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  round += 1;
  account = await server.account(`left ${round}`);
  domain = `left-${round}.example`;
});

type Named = SignedInPerson & { name: string };

/** Somebody whose name nothing else in the database has. */
async function named(name = `Wilhelmina Quist-${round}`, local = 'wilhelmina'): Promise<Named> {
  const email = `${local}@${domain}`;
  const { personId } = await makePersonWithPassword(server, password, email);
  await called(personId, name);
  return { personId, email, name, browser: await enterPassword(server, email) };
}
const called = (personId: string, name: string) =>
  server.db.updateTable('people').set({ name }).where('id', '=', personId).execute();

const give = (email: string, at = account) =>
  at.administrator.call(grantRole, {
    params: { accountId: at.accountId },
    body: { email, role: 'account-administrator', scope: { kind: 'account' } },
  });

/** Somebody who administers the account beside others. */
async function administrator(name?: string): Promise<Named> {
  const other = await makePersonWithPassword(server, password);
  await give(other.email);
  const who = await named(name);
  await give(who.email);
  return who;
}

/** What they do writes their name: a role that somebody else has from them. */
const giveFriend = ({ browser }: Named, at = account) =>
  browser.client.call(grantRole, {
    params: { accountId: at.accountId },
    body: { email: `friend@${domain}`, role: 'viewer', scope: { kind: 'account' } },
  });

const remove = ({ personId, email }: Pick<Named, 'personId' | 'email'>) =>
  server.operator.call(removePerson, {
    params: { personId },
    body: { confirmation: email, reason: 'asked' },
  });
const finish = async (after: Temporal.DurationLike = { minutes: 3 }) => {
  server.clock.advance(after);
  await finishRemovals(server.jobDependencies);
};
const seal = () => sealEvents(server.db, server.clock.now());
const faults = async () =>
  (await verifyEvents(server.db)).flatMap(({ fault }) => (fault === null ? [] : [fault]));
const left = async (...texts: string[]) =>
  (await Promise.all(texts.map((text) => placesOf(server.db, text)))).flat();

describe('after a removal nothing is left', () => {
  it('of what an identity provider said of them, also where they hold nothing any more', async () => {
    const client = await server.keyOf(account.accountId, 'account-administrator');
    const scim = scimClient(server, account.accountId, client);
    const email = `mira@${domain}`;
    const names = {
      formatted: `Miranda-${round} Holtz`,
      familyName: `Holtz-${round}`,
      givenName: `Mira-${round}`,
    };
    const said = entraUser(email, {
      displayName: `Holtz M. ${round}`,
      externalId: `emp-${round}-4711`,
      name: names,
    });
    const { id: personId } = (await scim('POST', '/Users', said)).body;
    // A word of ours, which stays where it means something else.
    const change = (value: object) => scim('PATCH', `/Users/${personId}`, patchOf({ op: 'replace', value }));
    await change({ displayName: 'provisioned' });
    await change({ active: false });
    await seal();
    const { data } = await server.operator.call(exportPersonData, {
      params: { personId },
      body: { reason: 'asked' },
    });
    expect(data.identityProviders).toMatchObject([
      {
        accountName: `left ${round}`,
        externalId: said.externalId,
        active: false,
        displayName: 'provisioned',
        ...names,
        groups: [],
      },
    ]);
    const texts = [email, said['displayName'] as string, said.externalId, ...Object.values(names)];
    expect(await placesOf(server.db, `Holtz M. ${round}`)).toEqual(
      expect.arrayContaining(['events.after', 'events.before']),
    );
    const { removal } = await remove({ personId, email });
    await finish();
    expect(await left(...texts)).toEqual([]);
    const { rows } = await sql<{ message: string }>`
      select message from events where operation = 'provisionPerson' and object_id = ${personId}`.execute(
      server.db,
    );
    expect(rows).toEqual([{ message: `provisioned ${removal.pseudonym}` }]);
    expect(await placesOf(server.db, personId)).not.toContain('provisioned_people.person_id');
    expect(await faults()).toEqual([]);
  });

  it('in accounts that they left before', async () => {
    const who = await administrator();
    await giveFriend(who);
    const { webhook } = await who.browser.client.call(createWebhook, {
      params: { accountId: account.accountId },
      body: { description: 'SIEM', url: 'https://siem.example/', signing: 'hmac' },
    });
    const { webhooks } = await who.browser.client.call(getMyData, {});
    expect(webhooks).toEqual([
      { accountName: `left ${round}`, description: 'SIEM', createdAt: webhook.createdAt },
    ]);
    await sql`delete from grants where person_id = ${who.personId}`.execute(server.db);
    await sql`update agreement_acceptances set how = 'person', person_id = ${who.personId}, role = 'approver',
                     from_address = '203.0.113.77' where account_id = ${account.accountId}`.execute(
      server.db,
    );
    expect(await placesOf(server.db, who.name)).toContain('grants.granted_by');
    await remove(who);
    await finish();
    expect(await left(who.email, who.name, '203.0.113.77')).toEqual([]);
  });

  it('in names of groups and virtual accounts, which are told apart and found as before', async () => {
    const former = `Wilhelmina Maiden-${round}`;
    const who = await administrator(former);
    await giveFriend(who);
    const married = `Wilhelmina Married-${round}`;
    await called(who.personId, married);
    const params = { accountId: account.accountId };
    for (const name of [`Team ${former}`, `Team ${married}`, `Office of ${married}`])
      await account.administrator.call(createGroup, {
        params,
        body: { name, role: 'viewer', scope: { kind: 'account' } },
      });
    await server.virtualAccounts(account, former, married);
    const { removal } = await remove(who);
    await finish();
    expect(await left(former, married)).toEqual([]);
    const { items } = await account.administrator.call(listGroups, { params });
    expect(items.map(({ name }) => name).sort()).toEqual([
      `Office of ${removal.pseudonym}`,
      `Team ${removal.pseudonym}`,
      `Team ${removal.pseudonym}`,
    ]);
    const again = account.administrator.call(createGroup, {
      params,
      body: { name: `office of ${removal.pseudonym}`, role: 'viewer', scope: { kind: 'account' } },
    });
    expect((await refusal(again)).code).toBe('name-taken');
  });

  it('of what was written between the removal and the job, however late that runs', async () => {
    const who = await administrator();
    const { grant } = await giveFriend(who);
    await remove(who);
    server.clock.advance({ hours: 5 });
    await account.administrator.call(revokeGrant, {
      params: { accountId: account.accountId, grantId: grant.grantId },
    });
    await finish();
    expect(await left(who.email, who.name)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('of what a transaction writes that read the name before it was gone, while the job runs', async () => {
    const who = await administrator();
    await giveFriend(who);
    const readIt = Promise.withResolvers<void>();
    const mayWrite = Promise.withResolvers<void>();
    const other = server.db.transaction().execute(async (trx) => {
      const { granted_by: name } = await trx
        .selectFrom('grants')
        .select('granted_by')
        .where('granted_by', '=', who.name)
        .executeTakeFirstOrThrow();
      readIt.resolve();
      await mayWrite.promise;
      await sql`update accounts set name = ${`company of ${name}`} where account_id = ${account.accountId}`.execute(
        trx,
      );
      await recordEvents(trx, [
        {
          ...{
            accountId: account.accountId,
            eventId: server.jobDependencies.newId(),
            at: server.clock.now(),
          },
          ...{ operation: 'updateAccount', objectKind: 'account', objectId: account.accountId },
          ...{ actor: systemActor, message: `named after ${name}`, from: null, requestId: null },
        },
      ]);
    });
    await readIt.promise;
    await remove(who);
    server.clock.advance({ minutes: 3 });
    // One run gives the other its time and tells that it is not done; the next one comes again.
    expect(await finishRemovals(server.jobDependencies, 100)).toEqual({ finished: 0 });
    const running = finishRemovals(server.jobDependencies);
    await expect.poll(() => placesOf(server.db, who.name)).not.toContain('grants.granted_by');
    mayWrite.resolve();
    await other;
    expect(await running).toEqual({ finished: 1 });
    expect(await left(who.email, who.name)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('and no statement names more batches than were rewritten with it', async () => {
    const first = await administrator();
    await giveFriend(first);
    await seal();
    await remove(first);
    await finish();
    const second = await named(`Somebody Else-${round}`, 'else');
    await give(second.email);
    await seal();
    await remove(second);
    await finish();
    const said = await server.db
      .selectFrom('events')
      .select('after')
      .where('account_id', '=', account.accountId)
      .where('operation', '=', 'removePerson')
      .orderBy('event_id')
      .execute();
    const batchesOf = ({ after }: { after: unknown }) => {
      const [, payload = ''] = (after as { rewritten: string }).rewritten.split('.');
      const { batches } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as RewrittenEvents;
      return batches.map(({ batchNumber }) => batchNumber);
    };
    expect(said.map(batchesOf)).toEqual([[1], [3]]);
    expect(await faults()).toEqual([]);
    expect(await left(first.name, second.name)).toEqual([]);
  });

  it('of somebody who was called like what removed people are called', async () => {
    const who = await administrator('Removed person');
    await giveFriend(who);
    await remove(who);
    await finish();
    const { rows } = await sql<{ texts_done_at: string | null; granted_by: string }>`
      select texts_done_at, granted_by from removed_people r
        join grants g on g.granted_by in (r.pseudonym, 'Removed person')
       where r.person_id = ${who.personId}`.execute(server.db);
    expect(rows).toEqual([{ texts_done_at: server.clock.now(), granted_by: 'Removed person' }]);
    expect(await left(who.email)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('of a former name, when the job was broken off in between; and others do not wait for it', async () => {
    const former = `Wilhelmina Maiden-${round}`;
    const who = await administrator(former);
    await giveFriend(who);
    const other = await named(`Somebody Else-${round}`, 'else');
    await called(who.personId, `Wilhelmina Married-${round}`);
    await remove(who);
    await remove(other);
    await sql`create function broken() returns trigger language plpgsql as $$ begin
                if old.granted_by like 'Wilhelmina Maiden%' then raise exception 'broken off'; end if; return new; end $$`.execute(
      server.db,
    );
    await sql`create trigger broken before update on grants for each row execute function broken()`.execute(
      server.db,
    );
    await expect(finish()).rejects.toThrow('broken off');
    await sql`drop trigger broken on grants`.execute(server.db);
    await sql`drop function broken()`.execute(server.db);
    expect(await left(other.name, other.email)).toEqual([]);
    expect(await placesOf(server.db, former)).toContain('grants.granted_by');
    await finish();
    expect(await left(former, who.email)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('in answers that are kept sealed for repeated requests', async () => {
    const who = await administrator();
    const kept = () =>
      server.db.selectFrom('idempotency_keys').select('key').where('key', 'like', `%-${round}`).execute();
    for (const email of [who.email, `friend@${domain}`]) {
      await account.administrator.call(invitePeople, {
        params: { accountId: account.accountId },
        body: JSON.stringify({ people: [{ email }], role: 'viewer', scope: { kind: 'account' } }),
        contentType: 'application/json',
        idempotencyKey: `${email === who.email ? 'theirs' : 'other'}-${round}`,
      });
    }
    expect(await kept()).toHaveLength(2);
    await remove(who);
    await finish();
    expect(await kept()).toEqual([{ key: `other-${round}` }]);
  });
});
