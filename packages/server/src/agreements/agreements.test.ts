import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole } from '@estover/domain/access';
import {
  acceptAgreement,
  createOrder,
  createToken,
  deleteVirtualAccount,
  downloadAgreementAccounts,
  downloadLicensesReport,
  getAgreements,
  getAgreementVersion,
  getOrder,
  grantRole,
  listAgreementAccounts,
  listAgreementVersions,
  listEvents,
  listInventory,
  publishAgreement,
  shipOrder,
  transferLicenses,
  undoTransfer,
  updateAgreementSettings,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SignedInPerson, signedInPerson } from '../access/testing/signed-in-person.ts';
import { runDigests, runNotices } from '../notifications/index.ts';
import {
  changeUse,
  deliver,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { tellOfAgreements } from './index.ts';
import { openAlerts, standing } from './testing/seen-agreements.ts';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let round = 0;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  round += 1;
  account = await server.account(`Company ${round}`);
});

/** A person with a session and a role in the account. */
async function personWith(role: AccountRole): Promise<SignedInPerson> {
  const who = await signedInPerson(server);
  await account.administrator.call(grantRole, {
    params: { accountId: account.accountId },
    body: { email: who.email, role, scope: { kind: 'account' } },
  });
  return who;
}

const publish = async (change: { agreement?: string; deadlineDays?: number; text?: string } = {}) => {
  const { version } = await server.operator.call(publishAgreement, {
    body: { agreement: 'terms', title: 'Terms', text: `Text ${randomUUIDv7()}`, deadlineDays: 30, ...change },
  });
  return version;
};
type Version = Awaited<ReturnType<typeof publish>>;

const accept = (
  who: SignedInPerson,
  { agreement, version, textHash }: Version,
  accountId = account.accountId,
) =>
  who.browser.client.call(acceptAgreement, {
    params: { accountId },
    body: { agreement, version, textHash, consent: true },
  });

const token = () =>
  account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });

describe('versions', () => {
  it('begin with a neutral text, which accounts that an operator makes have accepted elsewhere', async () => {
    const { versions, blocked } = await server.operator.call(listAgreementVersions, {});
    expect(versions).toMatchObject([
      {
        agreement: 'terms',
        version: 1,
        title: 'Terms of the licensing account',
        language: 'en',
        isTold: true,
      },
    ]);
    expect(versions[0]?.accounts).toEqual({ accepted: 1, open: 0, overdue: 0 });
    expect(blocked).toEqual(['tokens', 'delivery']);
    expect(await standing(account)).toMatchObject({
      standing: 'accepted',
      accepted: { version: 1, how: 'elsewhere', person: null, role: null, from: null },
    });
  });

  it('are published once, for all, with a dry run that says how many accounts', async () => {
    const body = { agreement: 'terms', title: 'Terms', text: 'New terms.\n\nIn two paragraphs.' };
    const before = (await server.operator.call(listAgreementVersions, {})).versions.length;
    const preview = await server.operator.call(publishAgreement, { body, dryRun: true });
    const { count } = await server.db
      .selectFrom('accounts')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('status', '=', 'active')
      .executeTakeFirstOrThrow();
    expect(preview).toMatchObject({ accounts: count, version: { version: 2, deadlineDays: 30 } });
    expect((await server.operator.call(listAgreementVersions, {})).versions).toHaveLength(before);

    const { version } = await server.operator.call(publishAgreement, { body });
    expect(version).toMatchObject({ version: 2, text: body.text, language: null });
    expect((await refusal(server.operator.call(publishAgreement, { body }))).code).toBe(
      'agreement-unchanged',
    );
    expect(await standing(account)).toMatchObject({
      standing: 'open',
      dueAt: server.clock.now().add({ hours: 720 }).toString(),
      accepted: { version: 1 },
    });
    // The earlier text stays as it was, for whoever accepted it.
    const old = await account.administrator.call(getAgreementVersion, {
      params: { accountId: account.accountId, agreement: 'terms', version: '1' },
    });
    expect(old.version.text).toMatch(/^You accept for your company/);
    const missing = account.administrator.call(getAgreementVersion, {
      params: { accountId: account.accountId, agreement: 'terms', version: '99' },
    });
    expect((await refusal(missing)).code).toBe('not-found');
    const events = await server.db
      .selectFrom('events')
      .select('message')
      .where('operation', '=', 'publishAgreement')
      .execute();
    expect(events).toEqual([{ message: 'published Terms, version 2, to be accepted within 30 days' }]);
  });

  it('are numbered one after the other, also when two publish at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => publish({ agreement: 'race' })));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.version] : []));
    expect(made.length).toBeGreaterThan(0);
    expect(made.toSorted()).toEqual(made.map((_, index) => index + 1));
  });

  it('ask a person to prove who they are, and hold nothing but text', async () => {
    const operator = await signedInPerson(server);
    await server.db
      .insertInto('platform_grants')
      .values({ person_id: operator.personId, role: 'operator', granted_at: server.clock.now() })
      .execute();
    server.clock.advance({ minutes: 16 });
    const body = { agreement: 'other', title: 'Other', text: 'x' };
    expect((await refusal(operator.browser.client.call(publishAgreement, { body }))).code).toBe(
      'step-up-required',
    );
    for (const wrong of [
      { text: 'a\u0000b' },
      { agreement: 'Two Words' },
      { deadlineDays: 0 },
      { language: '!' },
    ]) {
      const refused = await refusal(server.operator.call(publishAgreement, { body: { ...body, ...wrong } }));
      expect(refused.code, JSON.stringify(wrong)).toBe('invalid-request');
    }
  });
});

describe('being told', () => {
  it('is an alert in every active account and a mail to those who may accept, once', async () => {
    const approver = await personWith('approver');
    const viewer = await personWith('viewer');
    const closed = await server.account(`Closed ${round}`);
    await server.db
      .updateTable('accounts')
      .set({ status: 'suspended' })
      .where('account_id', '=', closed.accountId)
      .execute();
    const version = await publish();
    expect((await tellOfAgreements(server.jobDependencies)).told).toBeGreaterThan(0);
    expect(await tellOfAgreements(server.jobDependencies)).toEqual({ told: 0 });
    const until = server.clock.now().add({ hours: 720 });
    expect(await openAlerts(account)).toMatchObject([
      {
        message: `Terms, version ${version.version}, waits to be accepted`,
        severity: 'minor',
        actionDueAt: until.toString(),
        virtualAccountId: null,
      },
    ]);
    expect(await openAlerts(closed)).toEqual([]);
    // Who may accept hears of it, at once unless they chose otherwise.
    await runNotices(server.jobDependencies);
    await runDigests(server.jobDependencies);
    const mails = async () =>
      (
        await server.db
          .selectFrom('mails')
          .select(['recipient', 'subject'])
          .where('kind', '=', 'digest')
          .where('account_id', '=', account.accountId)
          .where('recipient', 'in', [approver.email, viewer.email])
          .orderBy('mail_id')
          .execute()
      ).map(({ recipient, subject }) => [recipient, subject]);
    const told = (number: number) => [
      approver.email,
      `Company ${round}: Terms, version ${number}, waits to be accepted`,
    ];
    expect(await mails()).toEqual([told(version.version)]);

    // The next version brings the one alert up to date.
    const next = await publish();
    await tellOfAgreements(server.jobDependencies);
    expect((await openAlerts(account)).map(({ message }) => message)).toEqual([
      `Terms, version ${next.version}, waits to be accepted`,
    ]);
    await runNotices(server.jobDependencies);
    await runDigests(server.jobDependencies);
    expect(await mails()).toEqual([told(version.version), told(next.version)]);
    await accept(approver, next);
    expect(await openAlerts(account)).toEqual([]);
  });
});

describe('accepting', () => {
  it('is for a person who may, with the very text they read, and is kept with who, when and from where', async () => {
    const version = await publish();
    const { accountId, administrator } = account;
    const { agreement, textHash } = version;
    const body = { agreement, version: version.version, textHash, consent: true as const };
    const byKey = administrator.call(acceptAgreement, { params: { accountId }, body });
    expect((await refusal(byKey)).code).toBe('person-required');
    for (const role of ['account-user', 'viewer'] as const) {
      const who = await personWith(role);
      expect((await refusal(accept(who, version))).code, role).toBe('not-allowed');
      await who.browser.client.call(getAgreements, { params: { accountId } });
    }
    const approver = await personWith('approver');
    const wrong = { ...version, textHash: '0'.repeat(64) };
    expect((await refusal(accept(approver, wrong))).code).toBe('agreement-version');
    expect((await refusal(accept(approver, { ...version, version: 1 }))).code).toBe('agreement-version');
    expect((await refusal(accept(approver, { ...version, agreement: 'nothing' }))).code).toBe('not-found');
    const without = approver.browser.client.call(acceptAgreement, {
      params: { accountId },
      body: { ...body, consent: false as unknown as true },
    });
    expect((await refusal(without)).code).toBe('invalid-request');
    expect((await standing(account))?.standing).toBe('open');

    const at = server.clock.now().toString();
    const { acceptance, deliveredLines } = await accept(approver, version);
    expect(deliveredLines).toBe(0);
    expect(acceptance).toEqual({
      agreement: 'terms',
      version: version.version,
      title: 'Terms',
      textHash,
      acceptedAt: at,
      how: 'person',
      person: { personId: approver.personId, name: 'Ana Ruiz' },
      role: 'approver',
      from: '127.0.0.1',
    });
    expect(await standing(account)).toMatchObject({ standing: 'accepted', accepted: acceptance });
    expect((await refusal(accept(approver, version))).code).toBe('agreement-accepted');
    const { items } = await administrator.call(listEvents, {
      params: { accountId },
      query: { operation: 'acceptAgreement' },
    });
    expect(items).toMatchObject([
      {
        message: `accepted Terms, version ${version.version}, for the account`,
        actor: { id: approver.personId },
        after: { textHash, role: 'approver' },
      },
    ]);
  });

  it('happens once when two do it at the same time', async () => {
    const version = await publish();
    const people = [await personWith('approver'), await personWith('account-administrator')];
    const results = await Promise.all(
      people.map((who) =>
        accept(who, version).then(
          () => 'accepted',
          (error: { problem: { code: string } }) => error.problem.code,
        ),
      ),
    );
    expect(results.toSorted()).toEqual(['accepted', 'agreement-accepted']);
  });
});

describe('the deadline', () => {
  const setBlocked = (...blocked: ('tokens' | 'delivery' | 'transfers' | 'downloads')[]) =>
    server.operator.call(updateAgreementSettings, { body: { blocked } });
  const held = async () => {
    const { items } = await account.administrator.call(listInventory, {
      params: { accountId: account.accountId },
      query: { virtualAccountId: account.defaultVirtualAccountId },
    });
    return items.map(({ tag, owned }) => [tag, owned]);
  };

  it('closes what the platform says, lets registered instances go on, and what shipped comes on acceptance', async () => {
    const { accountId, defaultVirtualAccountId: virtualAccountId } = account;
    const { sku } = await deliver(server, account, { tag: catalog.security, quantity: 5 });
    const instanceId = await useLicenses(server, {
      accountId,
      virtualAccountId,
      counts: { [catalog.security]: 1 },
    });
    const version = await publish({ deadlineDays: 10 });
    const approver = await personWith('approver');
    server.clock.advance({ days: 9, hours: 23 });
    await token();
    server.clock.advance({ hours: 1 });

    const refused = await refusal(token());
    expect(refused).toMatchObject({
      code: 'agreement-overdue',
      status: 409,
      mayAccept: ['approver', 'account-administrator'],
      page: `http://estover.test/accounts/${accountId}/agreements`,
      agreements: [{ agreement: 'terms', version: version.version }],
    });
    expect(refused.detail).toContain(`Terms, version ${version.version}`);
    await changeUse(server, { accountId, virtualAccountId, instanceId, counts: { [catalog.security]: 2 } });

    // One order that is shipped later, and one that ships as it is booked.
    const [first, second] = [`LATE-${round}`, `NOW-${round}`];
    const book = (orderNumber: string, state: 'booked' | 'shipped') =>
      server.operator.call(createOrder, {
        body: { orderNumber, buyer: 'Buyer', lines: [{ sku, quantity: 2, account: accountId, state }] },
      });
    expect((await book(first, 'booked')).order.lines[0]?.state).toBe('booked');
    const { order } = await server.operator.call(shipOrder, { params: { orderNumber: first }, body: {} });
    expect(order.lines[0]).toMatchObject({ state: 'on-hold', deliveredAt: null });
    expect((await book(second, 'shipped')).order.lines[0]).toMatchObject({
      state: 'on-hold',
      deliveredAt: null,
    });
    const again = await refusal(
      server.operator.call(shipOrder, { params: { orderNumber: first }, body: {} }),
    );
    expect(again.detail).toBe(
      `Line 1 is on hold: the account Company ${round} has not accepted an agreement in time.`,
    );
    const trace = await server.operator.call(getOrder, { params: { orderNumber: first } });
    expect(JSON.stringify(trace)).toContain('has not accepted an agreement in time.');
    expect(await held()).toEqual([[catalog.security, 5]]);

    const { deliveredLines } = await accept(approver, version);
    expect(deliveredLines).toBe(2);
    expect(await held()).toEqual([[catalog.security, 9]]);
    for (const orderNumber of [first, second]) {
      const { order: done } = await server.operator.call(getOrder, { params: { orderNumber } });
      expect(done.lines[0]).toMatchObject({ state: 'delivered', deliveredAt: server.clock.now().toString() });
    }
    await token();
  });

  it('closes moves and downloads only where the platform says so', async () => {
    const { accountId, administrator, defaultVirtualAccountId } = account;
    await deliver(server, account, { tag: catalog.security, quantity: 1 });
    const places = await server.virtualAccounts(account, 'Lyon');
    await publish({ deadlineDays: 1 });
    server.clock.advance({ days: 1 });
    const move = () =>
      administrator.call(transferLicenses, {
        params: { accountId },
        body: {
          fromVirtualAccountId: defaultVirtualAccountId,
          toVirtualAccountId: places['Lyon'] as string,
          lines: [{ tag: catalog.security, quantity: 1 }],
        },
      });
    const download = () =>
      administrator.call(downloadLicensesReport, { params: { accountId }, query: { format: 'csv' } });
    await download();
    await setBlocked('transfers', 'downloads');
    expect((await refusal(move())).code).toBe('agreement-overdue');
    expect((await refusal(download())).code).toBe('agreement-overdue');
    await token();
    await setBlocked();
    const { movement } = await move();
    const undo = () =>
      administrator.call(undoTransfer, { params: { accountId, movementId: movement.movementId } });
    const empty = (dryRun: boolean) =>
      administrator.call(deleteVirtualAccount, {
        params: { accountId, virtualAccountId: places['Lyon'] as string },
        query: { contentsTo: defaultVirtualAccountId },
        dryRun,
      });
    await setBlocked('transfers');
    for (const tryIt of [undo, () => empty(true), () => empty(false)])
      expect((await refusal(tryIt())).code).toBe('agreement-overdue');
    await setBlocked();
    await undo();
    await setBlocked('transfers');
    // What holds nothing moves nothing.
    await empty(false);
    await setBlocked('tokens', 'delivery');
    const events = await server.db
      .selectFrom('events')
      .select('message')
      .where('operation', '=', 'updateAgreementSettings')
      .orderBy('event_id')
      .execute();
    expect(events.map(({ message }) => message)).toEqual([
      'set that transfers, downloads is closed to accounts that have not accepted in time',
      'set that nothing is closed to accounts that have not accepted in time',
      'set that transfers is closed to accounts that have not accepted in time',
      'set that nothing is closed to accounts that have not accepted in time',
      'set that transfers is closed to accounts that have not accepted in time',
      'set that tokens, delivery is closed to accounts that have not accepted in time',
    ]);
  });

  it('leaves nothing waiting when orders ship at the moment of acceptance', async () => {
    const { accountId } = account;
    const { sku } = await deliver(server, account, { tag: catalog.security, quantity: 1 });
    const version = await publish({ deadlineDays: 1 });
    const approver = await personWith('approver');
    server.clock.advance({ days: 2 });
    const fresh = await personWith('approver');
    expect(approver.personId).not.toBe(fresh.personId);
    const ship = (index: number) =>
      server.operator.call(createOrder, {
        body: {
          orderNumber: `RACE-${round}-${index}`,
          buyer: 'Buyer',
          lines: [{ sku, quantity: 1, account: accountId, state: 'shipped' }],
        },
      });
    await Promise.all([
      ...Array.from({ length: 6 }, (_, index) => ship(index)),
      accept(fresh, version),
      ...Array.from({ length: 6 }, (_, index) => ship(index + 6)),
    ]);
    const lines = await server.db
      .selectFrom('order_lines')
      .select('state')
      .where('account_id', '=', accountId)
      .execute();
    expect(lines.map(({ state }) => state)).toEqual(Array.from({ length: 13 }, () => 'delivered'));
    expect(await held()).toEqual([[catalog.security, 13]]);
  });
});

describe('who has accepted', () => {
  it('is listed, filtered, paged and downloaded', async () => {
    const mine = [
      account,
      await server.account(`Listed A ${round}`),
      await server.account(`Listed B ${round}`),
    ];
    const version = await publish({ deadlineDays: 5 });
    const approver = await personWith('approver');
    await accept(approver, version);
    server.clock.advance({ days: 6 });
    const list = (query: Record<string, unknown>) =>
      server.operator.call(listAgreementAccounts, { params: { agreement: 'terms' }, query });
    const { items } = await list({ search: `Listed`, standing: 'overdue' });
    expect(items.map(({ name }) => name)).toEqual([`Listed A ${round}`, `Listed B ${round}`]);
    expect(items[0]).toMatchObject({
      accountId: mine[1]?.accountId,
      acceptedVersion: version.version - 1,
      dueAt: Temporal.Instant.from(version.publishedAt).add({ hours: 120 }).toString(),
    });
    const first = await list({ search: 'Listed', limit: 1 });
    const second = await list({ search: 'Listed', limit: 1, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(items.map(({ name }) => name));
    expect(second.nextCursor).toBeNull();
    const accepted = await list({ standing: 'accepted' });
    expect(accepted.items.map(({ accountId }) => accountId)).toEqual([account.accountId]);
    const csv = await server.operator.call(downloadAgreementAccounts, {
      params: { agreement: 'terms' },
      query: { standing: 'overdue', search: 'Listed A' },
    });
    expect(csv.trim().split(/\r?\n/)).toHaveLength(2);
    expect(csv).toContain(`Listed A ${round}`);
    const unknown = server.operator.call(listAgreementAccounts, { params: { agreement: 'nothing' } });
    expect((await refusal(unknown)).code).toBe('not-found');
  });
});
