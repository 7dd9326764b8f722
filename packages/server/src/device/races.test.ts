import { createToken, deleteVirtualAccount } from '@estover/protocol';
import { deviceMessages, documentMediaType } from '@estover/protocol/device';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  codeOf,
  deliver,
  messageIdOf,
  type SecondServer,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startSecondServer,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let second: SecondServer;
let account: SeededAccount;
let catalog: SeededCatalog;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  second = await startSecondServer(server);
  account = await server.account();
  catalog = await seedCatalog(server);
  places = await server.virtualAccounts(account, 'Last unit', 'Repeats', 'Removals', 'Poison', 'Moves');
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});
afterAll(async () => {
  await second.close();
  await server.close();
});

const tokenOf = async (virtualAccount: string, more: object = {}) => {
  const { secret, token } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: places[virtualAccount] as string },
    body: { ...more },
  });
  return { secret, tokenId: token.tokenId };
};

/** Devices that talk to the two servers in turn. */
const devices = (count: number): Promise<TestDevice[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      testDevice(server, { address: index % 2 === 0 ? server.address : second.address }),
    ),
  );

const poolOf = async (virtualAccount: string, tag: string) => {
  const { rows } = await sql<{ owned: number; in_use: number; state: string }>`
    select p.available + p.reserved + p.held as owned, p.in_use, p.state
      from pools p join licenses l using (license_id)
     where p.virtual_account_id = ${places[virtualAccount]} and l.tag = ${tag}`.execute(server.db);
  return rows[0];
};

const countCodes = (codes: string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

it('a token with one use registers exactly one of 100 instances that come at once', async () => {
  const { secret, tokenId } = await tokenOf('Repeats', { maximumUses: 1 });
  const all = await devices(100);
  const documents = await Promise.all(all.map((device) => device.writeRegistration(secret)));
  const replies = await Promise.all(
    all.map((device, index) => {
      const document = documents[index] as string;
      return device.send('register', document, messageIdOf(document));
    }),
  );
  expect(countCodes(replies.map(codeOf))).toEqual({ answered: 1, 'token-used-up': 99 });
  const instances = await server.db
    .selectFrom('product_instances')
    .select('instance_id')
    .where('token_id', '=', tokenId)
    .execute();
  expect(instances).toHaveLength(1);
});

describe('the same message 50 times at once', () => {
  it('registers once, with one answer', async () => {
    const { secret, tokenId } = await tokenOf('Repeats');
    const [one, other] = (await devices(2)) as [TestDevice, TestDevice];
    const document = await one.writeRegistration(secret);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : other).send('register', document, messageIdOf(document)),
      ),
    );
    const answers = replies.map(answerOf);
    expect(answers.filter((answer) => answer.replayed !== true)).toHaveLength(1);
    expect(new Set(answers.map(({ replayed, ...answer }) => JSON.stringify(answer))).size).toBe(1);
    const { uses } = await server.db
      .selectFrom('registration_tokens')
      .select('uses')
      .where('token_id', '=', tokenId)
      .executeTakeFirstOrThrow();
    expect(uses).toBe(1);
  });

  it('counts use once, with one answer', async () => {
    const { secret } = await tokenOf('Repeats');
    const [one, other] = (await devices(2)) as [TestDevice, TestDevice];
    answerOf(await one.register(secret));
    const payload = { ...one.common(), usage: [{ tag: catalog.security, count: 3 }] };
    const document = one.write('authorize', payload);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : other).send('authorize', document, payload.messageId),
      ),
    );
    const answers = replies.map(answerOf);
    expect(answers.filter((answer) => answer.replayed !== true)).toHaveLength(1);
    expect(new Set(answers.map(({ replayed, ...answer }) => JSON.stringify(answer))).size).toBe(1);
    const changes = await server.db
      .selectFrom('usage_changes')
      .select(['from_count', 'to_count'])
      .where('instance_id', '=', one.key?.instanceId ?? '')
      .execute();
    expect(changes).toEqual([{ from_count: 0, to_count: 3 }]);
  });

  it('leaves once', async () => {
    const { secret } = await tokenOf('Repeats');
    const [one, other] = (await devices(2)) as [TestDevice, TestDevice];
    answerOf(await one.register(secret, { usage: [{ tag: catalog.security, count: 1 }] }));
    const payload = one.common();
    const document = one.write('deregister', payload);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : other).send('deregister', document, payload.messageId),
      ),
    );
    expect(new Set(replies.map((reply) => answerOf(reply).receipt)).size).toBe(1);
  });
});

it('two of one identity that register at once: one is registered, the other told so', async () => {
  const tokens = [await tokenOf('Repeats'), await tokenOf('Moves')];
  for (let round = 0; round < 10; round++) {
    const serialNumber = `SN-RACE-${round}`;
    const replies = await Promise.all(
      tokens.map(async ({ secret }, index) => {
        const address = index === 0 ? server.address : second.address;
        return (await testDevice(server, { serialNumber, address })).register(secret);
      }),
    );
    expect(replies.map(codeOf).sort()).toEqual(['already-registered', 'answered']);
  }
});

it('200 instances ask two servers for the last unit: every one counts, and the pool is short by 199', async () => {
  await deliver(server, account, { tag: catalog.security, quantity: 1, virtualAccount: 'Last unit' });
  const { secret } = await tokenOf('Last unit');
  const all = await devices(200);
  for (let start = 0; start < all.length; start += 25) {
    await Promise.all(
      all.slice(start, start + 25).map(async (device) => answerOf(await device.register(secret))),
    );
  }
  const usage = [{ tag: catalog.security, count: 1 }];
  const replies = await Promise.all(all.map((device) => device.authorize(usage)));
  expect(countCodes(replies.map(codeOf))).toEqual({ answered: 200 });
  expect(await poolOf('Last unit', catalog.security)).toEqual({
    owned: 1,
    in_use: 200,
    state: 'out-of-compliance',
  });
  const alerts = await server.db
    .selectFrom('alerts')
    .select(['kind', 'quantity'])
    .where('virtual_account_id', '=', places['Last unit'] as string)
    .where('resolved_at', 'is', null)
    .execute();
  expect(alerts).toEqual([{ kind: 'insufficient-licenses', quantity: 199 }]);

  // All but one stop at once: exactly one is left, and the pool is in compliance again.
  const [last, ...others] = all as [TestDevice, ...TestDevice[]];
  await Promise.all(others.map((device) => device.authorize([])));
  expect(await poolOf('Last unit', catalog.security)).toEqual({
    owned: 1,
    in_use: 1,
    state: 'in-compliance',
  });
  expect(answerOf(await last.authorize(usage)).authorization.state).toBe('authorized');
});

it('a message that nobody can decide fails alone, and the others of its batch are answered', async () => {
  const { secret } = await tokenOf('Poison');
  const all = await devices(40);
  await Promise.all(all.map(async (device) => answerOf(await device.register(secret))));
  await sql`create function refuse_poison() returns trigger language plpgsql as $$
    begin
      if new.tag = 'poison' then raise exception 'nobody can decide this'; end if;
      return new;
    end $$`.execute(server.db);
  await sql`create trigger poison before insert on instance_usage
    for each row execute function refuse_poison()`.execute(server.db);
  const replies = await Promise.all(
    all.map(async (device, index) => {
      const tag = index % 10 === 5 ? 'poison' : catalog.security;
      const document = device.write('authorize', { ...device.common(), usage: [{ tag, count: 1 }] });
      const response = await fetch(new URL(deviceMessages.authorize.path, server.address), {
        method: 'POST',
        headers: { 'content-type': documentMediaType },
        body: document,
      });
      return { poisoned: tag === 'poison', status: response.status, text: await response.text() };
    }),
  );
  await sql`drop trigger poison on instance_usage`.execute(server.db);
  for (const { poisoned, status, text } of replies) {
    expect(status).toBe(poisoned ? 500 : 200);
    if (poisoned) expect(text).not.toContain('nobody can decide this');
  }
  expect((await poolOf('Poison', catalog.security))?.in_use).toBe(36);
});

it('a virtual account that is deleted while instances register into it leaves none behind', async () => {
  const { accountId } = account;
  const into = (await server.virtualAccounts(account, 'Kept'))['Kept'] as string;
  for (let round = 0; round < 5; round++) {
    const name = `Deleted ${round}`;
    Object.assign(places, await server.virtualAccounts(account, name));
    const { secret, tokenId } = await tokenOf(name);
    const all = await devices(10);
    answerOf(await (all[0] as TestDevice).register(secret, { usage: [{ tag: catalog.security, count: 1 }] }));
    const [, ...replies] = await Promise.all([
      account.administrator.call(deleteVirtualAccount, {
        params: { accountId, virtualAccountId: places[name] as string },
        query: { contentsTo: into },
      }),
      ...all
        .slice(1)
        .map((device) => device.register(secret, { usage: [{ tag: catalog.security, count: 1 }] })),
    ]);
    for (const reply of replies) {
      if (reply !== undefined && 'status' in reply) {
        expect(['answered', 'token-revoked']).toContain(codeOf(reply));
      }
    }
    const left = await server.db
      .selectFrom('product_instances')
      .select('instance_id')
      .where('virtual_account_id', '=', places[name] as string)
      .execute();
    expect(left).toEqual([]);
    const answered = replies.filter((reply) => 'ok' in reply && reply.ok).length;
    const moved = await server.db
      .selectFrom('product_instances')
      .select('instance_id')
      .where('token_id', '=', tokenId)
      .where('virtual_account_id', '=', into)
      .execute();
    expect(moved).toHaveLength(answered + 1);
  }
});
