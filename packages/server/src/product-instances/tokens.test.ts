import { createToken, listTokens, listVirtualAccountTokens, revokeToken } from '@estover/protocol';
import { parseSecret } from '@estover/protocol/secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  codeOf,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  places = await server.virtualAccounts(account, 'Europe', 'Europe / Rail', 'Asia');
});
afterAll(() => server.close());

const at = (virtualAccount: string) => ({
  accountId: account.accountId,
  virtualAccountId: places[virtualAccount] as string,
});
const make = (virtualAccount: string, body: object = {}, client = account.administrator) =>
  client.call(createToken, { params: at(virtualAccount), body });

describe('a token', () => {
  it('is shown once, carries its account, and is kept as a hash alone', async () => {
    const { token, secret } = await make('Europe', { description: 'Depots', maximumUses: 3 });
    expect(parseSecret(secret, 'esrt_')).toMatchObject({ ok: true, accountId: account.accountId });
    expect(token).toMatchObject({
      description: 'Depots',
      state: 'active',
      virtualAccountPath: ['Europe'],
      expiresAt: '2026-12-22T12:00:00Z',
      maximumUses: 3,
      uses: 0,
      exportControlledAllowed: false,
      addressRange: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(secret.startsWith(token.prefix.split('…')[0] as string)).toBe(true);
    expect(token.prefix.length).toBeLessThan(20);
    for (const table of ['registration_tokens', 'events'] as const) {
      expect(JSON.stringify(await server.db.selectFrom(table).selectAll().execute())).not.toContain(secret);
    }
  });

  it('keeps an address range as its network', async () => {
    const { token } = await make('Europe', { addressRange: '10.1.2.3/8' });
    expect(token.addressRange).toBe('10.0.0.0/8');
    expect((await make('Europe', { addressRange: '2001:db8::1/32' })).token.addressRange).toBe(
      '2001:db8::/32',
    );
  });

  it.each([
    ['0 days', { expiresInDays: 0 }],
    ['366 days', { expiresInDays: 366 }],
    ['half a day', { expiresInDays: 0.5 }],
    ['0 uses', { maximumUses: 0 }],
    ['no range', { addressRange: '10.0.0.0' }],
    ['a member nobody knows', { uses: 3 }],
  ])('with %s is not made', async (_, body) => {
    expect(await refusal(make('Europe', body))).toMatchObject({ code: 'invalid-request' });
  });

  it.each(['C', 'D'])(
    'with export-controlled functionality is not for export category %s',
    async (category) => {
      const set = (export_category: string) =>
        server.db
          .updateTable('accounts')
          .set({ export_category })
          .where('account_id', '=', account.accountId)
          .execute();
      await set(category);
      const refused = await refusal(make('Europe', { exportControlledAllowed: true }));
      const plain = await make('Europe');
      await set('B');
      const allowed = await make('Europe', { exportControlledAllowed: true });
      await set('A');
      expect(refused).toMatchObject({ code: 'token-limit', exportCategory: category });
      expect(plain.token.exportControlledAllowed).toBe(false);
      expect(allowed.token.exportControlledAllowed).toBe(true);
    },
  );

  it('is not made in an account that is not active, nor in a virtual account that is none', async () => {
    const set = (status: string) =>
      server.db.updateTable('accounts').set({ status }).where('account_id', '=', account.accountId).execute();
    await set('suspended');
    const refused = await refusal(make('Europe'));
    await set('active');
    expect(refused).toMatchObject({ code: 'account-not-active' });
    const unknown = account.administrator.call(createToken, {
      params: { accountId: account.accountId, virtualAccountId: account.accountId },
      body: {},
    });
    expect(await refusal(unknown)).toMatchObject({ code: 'not-found' });
  });

  it('revoked registers nobody more and touches nobody who is registered', async () => {
    const { token, secret } = await make('Europe');
    const device = await testDevice(server);
    answerOf(await device.register(secret));
    const params = { accountId: account.accountId, tokenId: token.tokenId };
    const { token: revoked } = await account.administrator.call(revokeToken, { params });
    expect(revoked).toMatchObject({ state: 'revoked', uses: 1, revokedAt: '2026-11-22T12:00:00Z' });
    expect(codeOf(await device.authorize([]))).toBe('answered');
    expect(codeOf(await (await testDevice(server)).register(secret))).toBe('token-revoked');
    const again = account.administrator.call(revokeToken, { params });
    expect(await refusal(again)).toMatchObject({ code: 'token-ended', state: 'revoked' });
  });
});

describe('rights', () => {
  it('let nobody make, see or revoke tokens outside of their reach', async () => {
    const scope = (virtualAccount: string, nested: boolean) => ({
      kind: 'virtual-accounts' as const,
      virtualAccounts: [{ virtualAccountId: places[virtualAccount] as string, nested }],
    });
    const key = await server.keyOf(account.accountId, 'virtual-account-user', scope('Europe', true));
    const viewer = server.client(await server.keyOf(account.accountId, 'viewer'));
    const europe = server.client(key);
    const { token } = await make('Asia', { description: 'of Asia' });
    expect(await refusal(make('Asia', {}, europe))).toMatchObject({ code: 'not-found' });
    expect(await refusal(make('Europe', {}, viewer))).toMatchObject({ code: 'not-allowed' });
    const { token: rail } = await make('Europe / Rail', { description: 'of Rail' }, europe);
    const params = { accountId: account.accountId, tokenId: token.tokenId };
    expect(await refusal(europe.call(revokeToken, { params }))).toMatchObject({ code: 'not-found' });
    const { items } = await europe.call(listTokens, {
      params: { accountId: account.accountId },
      query: { search: 'of ' },
    });
    expect(items.map((item) => item.tokenId)).toEqual([rail.tokenId]);
    const stranger = await server.account('Southbank Trams');
    const foreign = stranger.administrator.call(revokeToken, { params });
    expect(await refusal(foreign)).toMatchObject({ code: 'not-found' });
  });
});

describe('the list', () => {
  it('pages through all tokens, newest first, filtered by state, text and place', async () => {
    const own = await server.account('Tram Works');
    const { accountId, defaultVirtualAccountId: virtualAccountId, administrator } = own;
    const inPlaces = await server.virtualAccounts(own, 'Line 1');
    const made: string[] = [];
    for (let count = 0; count < 5; count++) {
      server.clock.advance({ seconds: 1 });
      const { token } = await administrator.call(createToken, {
        params: { accountId, virtualAccountId },
        body: { description: `number ${count}`, expiresInDays: count === 0 ? 1 : 30 },
      });
      made.unshift(token.tokenId);
    }
    const elsewhere = await administrator.call(createToken, {
      params: { accountId, virtualAccountId: inPlaces['Line 1'] as string },
      body: {},
    });
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await administrator.call(listVirtualAccountTokens, {
        params: { accountId, virtualAccountId },
        query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      pages.push(...page.items.map((item) => item.tokenId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual(made);

    server.clock.advance({ hours: 24 });
    const list = async (query: object) =>
      (await administrator.call(listTokens, { params: { accountId }, query })).items.map(
        (item) => item.tokenId,
      );
    expect(await list({ state: 'expired' })).toEqual([made[4]]);
    expect(await list({ search: 'NUMBER 3' })).toEqual([made[1]]);
    expect(await list({ virtualAccountId: inPlaces['Line 1'] })).toEqual([elsewhere.token.tokenId]);
    expect(await list({ state: 'active' })).toHaveLength(5);
    const wrong = administrator.call(listTokens, { params: { accountId }, query: { cursor: 'x' } });
    expect(await refusal(wrong)).toMatchObject({ code: 'cursor-invalid' });
    server.clock.set('2026-11-22T12:00:00Z');
  });
});
