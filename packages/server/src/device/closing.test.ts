import { createToken } from '@estover/protocol';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { answerOf, startSecondServer, startTestServer, testDevice } from '../testing/index.ts';

it('a server that closes answers what is under way, and then lets go of the connections', async () => {
  const server = await startTestServer();
  const second = await startSecondServer(server);
  const account = await server.account();
  const { token, secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });
  const device = await testDevice(server, { address: second.address });
  // Somebody holds the token's row while the server is told to close.
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = server.db.transaction().execute(async (trx) => {
    await trx
      .selectFrom('registration_tokens')
      .select('token_id')
      .where('token_id', '=', token.tokenId)
      .forUpdate()
      .execute();
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const reply = device.register(secret);
  const waiting = async (): Promise<number> => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`.execute(server.db);
    return rows[0]?.count ?? 0;
  };
  while ((await waiting()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const closed = second.close();
  release.resolve();
  await holding;
  expect(answerOf(await reply).accountId).toBe(account.accountId);
  await closed;
  await server.close();
});
