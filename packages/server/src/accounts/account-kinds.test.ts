import {
  type Client,
  createAccount,
  createToken,
  createVirtualAccount,
  deleteVirtualAccount,
  getAccount,
  grantRole,
  revokeGrant,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MailServer, startMailServer, startTestServer, type TestServer } from '../testing/index.ts';
import { accept, askAndConfirm, askedFor } from './testing/ask-for-account.ts';

let mails: MailServer;
let server: TestServer;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const refused = (code: string) => ({ problem: expect.objectContaining({ code, status: 422 }) });

describe('an account for limited use', () => {
  let people = 0;
  let accountId: string;
  let administrator: Client;
  beforeEach(async () => {
    people += 1;
    const email = `ana.ruiz${people}@gmail.com`;
    const body = askedFor('Limited', {
      kind: 'limited-use',
      mailDomain: '',
      requester: { name: 'Ana', email },
    });
    const { account } = await accept(server, await askAndConfirm({ server, mails }, body));
    expect(account).toMatchObject({ kind: 'limited-use', domainIdentifier: email });
    ({ accountId } = account);
    administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
  });

  const grant = (email: string, until?: string) =>
    administrator.call(grantRole, {
      params: { accountId },
      body: { email, role: 'viewer', scope: { kind: 'account' }, ...(until === undefined ? {} : { until }) },
    });

  it('has at most three people; who has a role already gets another one, and who left makes room', async () => {
    await grant('b@gmail.com');
    const { grant: third } = await grant('c@partner.example');
    await expect(grant('d@gmail.com')).rejects.toMatchObject(refused('limited-use-people'));
    await administrator.call(grantRole, {
      params: { accountId },
      body: { email: 'b@gmail.com', role: 'account-user', scope: { kind: 'account' } },
    });
    await administrator.call(revokeGrant, { params: { accountId, grantId: third.grantId } });
    await grant('d@gmail.com');
  });

  it('counts a role only until it ends', async () => {
    const until = server.clock.now().add({ hours: 1 }).toString();
    await grant('b@gmail.com', until);
    await grant('c@gmail.com', until);
    await expect(grant('d@gmail.com')).rejects.toMatchObject(refused('limited-use-people'));
    server.clock.advance({ hours: 1 });
    await grant('d@gmail.com');
  });

  it('has two of the three people who are let in at once', async () => {
    const outcomes = await Promise.allSettled(['b', 'c', 'd'].map((name) => grant(`${name}@gmail.com`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });

  it('has at most three virtual accounts, one of which can make room', async () => {
    const make = (name: string, parentId: string | null = null) =>
      administrator.call(createVirtualAccount, { params: { accountId }, body: { name, parentId } });
    const { virtualAccount } = await make('One');
    const { virtualAccountId } = virtualAccount;
    const { virtualAccount: nested } = await make('Two', virtualAccountId);
    await expect(make('Three')).rejects.toMatchObject(refused('limited-use-virtual-accounts'));
    await expect(make('Three', virtualAccountId)).rejects.toMatchObject(
      refused('limited-use-virtual-accounts'),
    );
    await administrator.call(deleteVirtualAccount, {
      params: { accountId, virtualAccountId: nested.virtualAccountId },
    });
    await make('Three');
  });
});

it('a holding account makes no tokens, and has as many people as it needs', async () => {
  const made = await server.operator.call(createAccount, {
    body: {
      kind: 'holding',
      name: 'Reseller',
      domainIdentifier: 'reseller.example',
      administrator: { name: 'R', email: 'r@reseller.example' },
    },
  });
  const { accountId } = made.account;
  const administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
  const { account } = await administrator.call(getAccount, { params: { accountId } });
  expect(account.kind).toBe('holding');
  const params = { accountId, virtualAccountId: made.defaultVirtualAccountId };
  await expect(administrator.call(createToken, { params, body: {} })).rejects.toMatchObject({
    problem: { code: 'holding-account', status: 409 },
  });
  for (const name of ['a', 'b', 'c', 'd']) {
    await administrator.call(grantRole, {
      params: { accountId },
      body: { email: `${name}@reseller.example`, role: 'viewer', scope: { kind: 'account' } },
    });
  }
});
