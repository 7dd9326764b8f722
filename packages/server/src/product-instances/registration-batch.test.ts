import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { createToken } from '@estover/protocol';
import { checkRegistration, type DeviceRequest } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  checkLedgerLaws,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  testDevice,
} from '../testing/index.ts';
import { withoutToken } from './device-messages-store.ts';
import type { DeviceOutcome, TokenGuesses } from './device-outcome.ts';
import type { RegisterMessage } from './prepare-registrations.ts';
import { createRegistrationBatches } from './registration-batch.ts';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Edge Lines');
  places = await server.virtualAccounts(account, 'Here', 'There');
  await deliver(server, account, { tag: catalog.security, quantity: 3, virtualAccount: 'Here' });
  return () => server.close();
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

const tokenOf = async (place: string, more: object = {}) => {
  const { secret, token } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: places[place] as string },
    body: { ...more },
  });
  return { secret, tokenId: token.tokenId };
};

const usesOf = async (tokenId: string): Promise<number> =>
  (
    await server.db
      .selectFrom('registration_tokens')
      .select('uses')
      .where('token_id', '=', tokenId)
      .executeTakeFirstOrThrow()
  ).uses;

const noGuesses: TokenGuesses = { secondsToWait: () => 0, count: () => {} };

const batchesOf = (guesses: TokenGuesses = noGuesses) =>
  createRegistrationBatches({
    db: server.db,
    installation: server.installation,
    now: server.clock.now,
    newId: () => randomUUIDv7(),
    guesses,
  });

type Other = Partial<DeviceRequest<'register'>> & { serialNumber?: string };

/** A registration as the edge hands it on. */
async function messageOf(token: string, { serialNumber, ...other }: Other = {}): Promise<RegisterMessage> {
  const device = await testDevice(server, serialNumber === undefined ? {} : { serialNumber });
  const checked = await checkRegistration(await device.writeRegistration(token, other));
  if (!checked.ok) throw new Error(checked.detail);
  const { request, spki, payloadBytes } = checked;
  return {
    request,
    spki,
    payload: withoutToken(payloadBytes),
    from: '192.0.2.1',
    requestId: randomUUID(),
  };
}

/** Decides messages together: while the first, which is of no matter, is decided, all others gather behind it. */
async function together(
  messages: readonly RegisterMessage[],
  batches = batchesOf(),
): Promise<DeviceOutcome<'register'>[]> {
  const first = batches.submit(await messageOf(formatSecret('esrt_', randomUUID(), Buffer.alloc(20))));
  const outcomes = await Promise.all(messages.map((message) => batches.submit(message)));
  expect(await first).toMatchObject({ code: 'token-unknown' });
  return outcomes;
}

const codeOf = (outcome: DeviceOutcome<'register'>): string => (outcome.ok ? 'answered' : outcome.code);
const answered = (outcome: DeviceOutcome<'register'> | undefined) => {
  if (outcome?.ok !== true) throw new Error(outcome?.detail ?? 'there is no outcome');
  return outcome.answer;
};

it('gives the last uses of a token to those who came first, and each token is counted by itself', async () => {
  const few = await tokenOf('Here', { maximumUses: 3 });
  const other = await tokenOf('There');
  const usage = [{ tag: catalog.security, count: 1 }];
  const secrets = [few, other, few, few, few, other, few].map(({ secret }) => secret);
  const messages = await Promise.all(secrets.map((secret) => messageOf(secret, { usage })));
  const outcomes = await together(messages);
  const used = 'token-used-up';
  expect(outcomes.map(codeOf)).toEqual([
    ...['answered', 'answered', 'answered', 'answered'],
    ...[used, 'answered', used],
  ]);
  expect(outcomes[4]).toMatchObject({ detail: 'All 3 uses of the token are taken.' });
  expect([await usesOf(few.tokenId), await usesOf(other.tokenId)]).toEqual([3, 2]);
  // Told from how the pools stand after all of them: three of three in one, two of none in the other.
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.answer.authorization.state : ''))).toEqual([
    'authorized',
    'out-of-compliance',
    'authorized',
    'authorized',
    '',
    'out-of-compliance',
    '',
  ]);
});

it('tells in the trail who registered, from where, and with which request', async () => {
  const { secret, tokenId } = await tokenOf('Here');
  const messages = await Promise.all([messageOf(secret), messageOf(secret)]);
  messages[1] = { ...(messages[1] as RegisterMessage), from: '2001:db8::7' };
  const answers = (await together(messages)).map(answered);
  const events = await server.db
    .selectFrom('events')
    .select(['actor_id', 'from_address', 'request_id', sql<string>`after->>'tokenId'`.as('token')])
    .where(
      'object_id',
      'in',
      answers.map(({ instanceId }) => instanceId),
    )
    .execute();
  const told = answers.map(({ instanceId }, index) => ({
    actor_id: instanceId,
    from_address: messages[index]?.from,
    request_id: messages[index]?.requestId,
    token: tokenId,
  }));
  expect(Map.groupBy(events, (event) => event.actor_id)).toEqual(
    Map.groupBy(told, (event) => event.actor_id),
  );
});

it('answers the same message twice with the same answer, and refuses another one with its id', async () => {
  const { secret, tokenId } = await tokenOf('Here');
  const message = await messageOf(secret);
  const { messageId } = message.request;
  const other = await messageOf(secret, { messageId });
  const outcomes = await together([message, other, message]);
  expect(outcomes.map(codeOf)).toEqual(['answered', 'message-id-reused', 'answered']);
  const first = answered(outcomes[0]);
  expect(answered(outcomes[2])).toEqual({ ...first, replayed: true });
  expect(outcomes[1]).toMatchObject({ facts: { field: 'certificateRequest' } });
  const [later] = await together([message]);
  expect(answered(later)).toEqual({ ...first, replayed: true });
  expect(await usesOf(tokenId)).toBe(1);
});

it('registers an identity once, and again only with force, after all others', async () => {
  const { secret, tokenId } = await tokenOf('Here');
  const there = await tokenOf('There');
  const usage = [{ tag: catalog.encryption, count: 1 }];
  const serialNumber = 'SN-ONE';
  const messages = await Promise.all([
    messageOf(secret, { serialNumber, usage }),
    messageOf(secret, { serialNumber, usage }),
    messageOf(there.secret, { serialNumber, usage, force: true }),
    messageOf(secret, { usage }),
  ]);
  const outcomes = await together(messages);
  expect(outcomes.map(codeOf)).toEqual(['answered', 'already-registered', 'answered', 'answered']);
  const [first, , replacing] = outcomes.map((outcome) => (outcome.ok ? outcome.answer : undefined));
  expect(outcomes[1]).toMatchObject({
    facts: { instanceId: first?.instanceId },
    detail: 'RT-100 SN-ONE is registered as RT-100 SN-ONE.',
  });
  const states = await server.db
    .selectFrom('product_instances')
    .select(['instance_id', 'state'])
    .where('serial_number', '=', serialNumber)
    .orderBy('state')
    .execute();
  expect(states).toEqual([
    { instance_id: replacing?.instanceId, state: 'registered' },
    { instance_id: first?.instanceId, state: 'replaced' },
  ]);
  expect([await usesOf(tokenId), await usesOf(there.tokenId)]).toEqual([2, 1]);
});

it('with force and its message twice is replaced once', async () => {
  const { secret, tokenId } = await tokenOf('Here');
  const serialNumber = 'SN-FORCE';
  await together([await messageOf(secret, { serialNumber })]);
  const message = await messageOf(secret, { serialNumber, force: true });
  const outcomes = (await together([message, message])).map(answered);
  expect(outcomes[1]).toEqual({ ...outcomes[0], replayed: true });
  expect(await usesOf(tokenId)).toBe(2);
});

it('registers all others when one of them cannot be written', async () => {
  const { secret, tokenId } = await tokenOf('There');
  await sql`create function refuse_registration() returns trigger language plpgsql as $$
    begin
      if new.tag = 'poison' then raise exception 'nobody can write this'; end if;
      return new;
    end $$`.execute(server.db);
  await sql`create trigger poison before insert on instance_usage
    for each row execute function refuse_registration()`.execute(server.db);
  const messages = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      messageOf(secret, { usage: [{ tag: index === 13 ? 'poison' : 'fine', count: 1 }] }),
    ),
  );
  const batches = batchesOf();
  const settled = await Promise.allSettled(messages.map((message) => batches.submit(message)));
  await sql`drop trigger poison on instance_usage`.execute(server.db);
  expect(settled.map(({ status }) => status)).toEqual(
    messages.map((_, index) => (index === 13 ? 'rejected' : 'fulfilled')),
  );
  expect(await usesOf(tokenId)).toBe(19);
});

it('looks at no more guesses than are allowed, though they come at once', async () => {
  let counted = 0;
  const batches = batchesOf({
    secondsToWait: () => (counted < 30 ? 0 : 600),
    count: () => {
      counted += 1;
    },
  });
  const messages = await Promise.all(
    Array.from({ length: 40 }, (_, guess) =>
      messageOf(formatSecret('esrt_', account.accountId, Buffer.alloc(20, guess))),
    ),
  );
  const outcomes = await Promise.all(messages.map((message) => batches.submit(message)));
  expect(outcomes.map(codeOf)).toEqual([
    ...Array.from({ length: 30 }, () => 'token-unknown'),
    ...Array.from({ length: 10 }, () => 'rate-limited'),
  ]);
});

it('tells whoever comes while too many wait to come later, and decides all that wait', async () => {
  const batches = batchesOf();
  const message = await messageOf(formatSecret('esrt_', account.accountId, Buffer.alloc(20)));
  const waiting = Array.from({ length: 5_600 }, () => batches.submit(message));
  expect(batches.refusalWhenFull()).toMatchObject({ code: 'too-busy' });
  const codes = Map.groupBy((await Promise.all(waiting)).map(codeOf), (code) => code);
  expect(codes.get('token-unknown')?.length).toBeGreaterThanOrEqual(5_000);
  expect(codes.get('too-busy')?.length).toBeGreaterThan(0);
  expect(batches.refusalWhenFull()).toBeUndefined();
});

it('of two servers at once take a message id and an identity once, in whatever order', async () => {
  const [here, there] = [await tokenOf('Here', { maximumUses: 60 }), await tokenOf('There')];
  const identities = Array.from({ length: 30 }, (_, index) => `SN-SERVERS-${index}`);
  const ids = Array.from({ length: 30 }, () => randomUUID());
  const usage = [{ tag: catalog.security, count: 1 }];
  const write = (secret: string) =>
    Promise.all([
      ...identities.map((serialNumber) => messageOf(secret, { serialNumber, usage })),
      ...ids.map((messageId) => messageOf(secret, { messageId, usage })),
    ]);
  const [one, two] = [await write(here.secret), await write(there.secret)];
  const [mine, theirs] = await Promise.all([together(one), together(two.reverse())]);
  theirs.reverse();
  for (const [index, own] of mine.entries()) {
    const other = theirs[index] as DeviceOutcome<'register'>;
    const refusal = index < 30 ? 'already-registered' : 'message-id-reused';
    expect([own, other].map(codeOf).sort()).toEqual([refusal, 'answered'].sort());
  }
  expect((await usesOf(here.tokenId)) + (await usesOf(there.tokenId))).toBe(60);
});
