import { randomUUIDv7 } from 'node:crypto';
import {
  addToGroup,
  createGroup,
  grantRole,
  listNews,
  markNewsSeen,
  moveVirtualAccount,
  revokeGrant,
  setMyNotificationHours,
  transferLicenses,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  changeUse,
  deliver,
  type MailServer,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { keepingMailer, noteEndingRights, purgeNotices, runDigests, runNotices } from './index.ts';
import { digestsOf, linesOf, makeReader, type Reader, tellAll } from './testing/readers.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let ids: Record<string, string>;
let digests: ReturnType<typeof digestsOf>;

beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
  digests = digestsOf(mails);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});
beforeEach(async () => {
  // A Sunday at noon: daily digests come at 07:00 tomorrow, weekly ones as well.
  server.clock.set('2026-11-22T12:00:00Z');
  account = await server.account(`Company ${randomUUIDv7()}`);
  ids = await server.virtualAccounts(account, 'EMEA / Lyon', 'EMEA / Madrid');
  await tellAll(server);
});

const place = (path: string): string => ids[path] as string;
const at = (virtualAccount: string, nested = false) => ({
  kind: 'virtual-accounts' as const,
  virtualAccounts: [{ virtualAccountId: place(virtualAccount), nested }],
});
const shortIn = (virtualAccount: string, count = 5): Promise<string> =>
  useLicenses(server, {
    accountId: account.accountId,
    virtualAccountId: place(virtualAccount),
    counts: { [catalog.security]: count },
  });
const short = (virtualAccount: string, by: number) =>
  `Branch Security is short by ${by} in ${virtualAccount}`;
/** The lines of each digest that came, in no order: what changed at one moment has none. */
const linesFor = ({ email }: Reader): string[][] => digests(email).map((mail) => linesOf(mail).toSorted());
const tellAt = async (instant: string) => {
  server.clock.set(instant);
  await tellAll(server);
};

describe('what changed', () => {
  it('is told at once, with the link to it, and not again while it stands', async () => {
    const ana = await makeReader(server, account);
    await shortIn('EMEA / Lyon');
    await tellAll(server);
    const [mail, ...more] = digests(ana.email);
    if (mail === undefined) throw new Error('no mail came');
    expect(more).toEqual([]);
    expect(mail.subject).toMatch(/^Company .*: Branch Security is short by 5 in EMEA \/ Lyon$/);
    const page = `http://estover.test/accounts/${account.accountId}`;
    expect(mail.text).toContain(`\n  ${page}/licenses/${encodeURIComponent(catalog.security)}\n`);
    expect(mail.html).toContain(`href="${page}/licenses/${encodeURIComponent(catalog.security)}"`);
    expect(mail.text).toContain(`${page}/notifications`);
    for (let each = 0; each < 3; each++) {
      server.clock.advance({ hours: 24 });
      await tellAll(server);
    }
    expect(linesFor(ana)).toEqual([]);
  });

  it('is told once a day or a week at the chosen hour, what ended and what is new, and nothing where nothing changed', async () => {
    const daily = await makeReader(server, account);
    const weekly = await makeReader(server, account);
    const off = await makeReader(server, account);
    await daily.choose({ shortage: 'daily' });
    await weekly.choose({ shortage: 'weekly' });
    await off.choose({ shortage: 'off' });
    await weekly.browser.client.call(setMyNotificationHours, {
      body: { timeZone: 'Europe/Madrid', hour: 9, weekday: 3 },
    });
    await shortIn('EMEA / Lyon');
    await shortIn('EMEA', 3);
    await tellAt('2026-11-23T06:59:00Z');
    expect(linesFor(daily)).toEqual([]);
    await tellAt('2026-11-23T07:00:00Z');
    expect(linesFor(daily)).toEqual([[short('EMEA', 3), short('EMEA / Lyon', 5)]]);

    await deliver(server, account, { tag: catalog.security, quantity: 5, virtualAccount: 'EMEA / Lyon' });
    await daily.choose({ orders: 'off' });
    await weekly.choose({ orders: 'off' });
    await off.choose({ orders: 'off' });
    await shortIn('EMEA / Madrid', 2);
    await tellAll(server);
    await tellAt('2026-11-24T07:00:00Z');
    expect(linesFor(daily)).toEqual([[short('EMEA / Madrid', 2), `Over: ${short('EMEA / Lyon', 5)}`]]);
    await tellAt('2026-11-25T07:00:00Z');
    expect(linesFor(daily)).toEqual([]);
    // Wednesday, 09:00 in Madrid: what began and ended meanwhile is both.
    await tellAt('2026-11-25T08:00:00Z');
    expect(linesFor(weekly)).toEqual([
      [`Began and over: ${short('EMEA / Lyon', 5)}`, short('EMEA / Madrid', 2), short('EMEA', 3)].toSorted(),
    ]);
    expect(linesFor(off)).toEqual([]);
  });

  it('comes at a new cadence when that is chosen while it waits', async () => {
    const ana = await makeReader(server, account);
    await ana.choose({ shortage: 'weekly' });
    await shortIn('EMEA / Lyon');
    await tellAll(server);
    await ana.choose({ shortage: 'immediate' });
    await tellAll(server);
    expect(linesFor(ana)).toEqual([[short('EMEA / Lyon', 5)]]);
    await shortIn('EMEA / Madrid');
    await ana.choose({ shortage: 'daily' });
    await tellAll(server);
    await ana.choose({ shortage: 'off' });
    await tellAt('2026-11-30T07:00:00Z');
    expect(linesFor(ana)).toEqual([]);
  });

  it('is 50 lines at most, by kind, and says how many more there are', async () => {
    const ana = await makeReader(server, account);
    const many = Array.from({ length: 53 }, (_, index) => `Many / Place ${index}`);
    ids = { ...ids, ...(await server.virtualAccounts(account, ...many)) };
    for (const each of many) await shortIn(each, 1);
    await tellAll(server);
    const [mail] = digests(ana.email);
    if (mail === undefined) throw new Error('no mail came');
    expect(mail.subject).toMatch(/: 53 things changed$/);
    // The last line is the link to all of them.
    expect(linesOf(mail)).toHaveLength(51);
    expect(mail.text).toContain('\n… and 3 more\n- See all alerts\n');
    expect(linesFor(ana)).toEqual([]);
  });

  it('tells of orders, roles that end and API clients, each once', async () => {
    const ana = await makeReader(server, account, 'account-administrator', { kind: 'account' });
    const ben = await makeReader(server, account, 'viewer', at('EMEA / Lyon'), '2027-01-10T00:00:00Z');
    await ben.choose({ 'own-role': 'immediate' });
    const { orderNumber } = await deliver(server, account, {
      tag: catalog.security,
      quantity: 1,
      virtualAccount: 'EMEA / Lyon',
    });
    await tellAll(server);
    await tellAt('2026-11-23T07:00:00Z');
    const came = `Licenses of order ${orderNumber} came into EMEA / Lyon`;
    expect(linesFor(ana)).toEqual([[came]]);
    expect(linesFor(ben)).toEqual([[came]]);

    await sql`insert into api_keys (api_key_id, account_id, name, role, prefix, secret_hash, created_by, created_at, expires_at)
      values (${randomUUIDv7()}, ${account.accountId}, 'Nightly sync', 'viewer', 'esak_x', ${Buffer.from(randomUUIDv7())}, 'test',
              '2026-11-01T00:00:00Z', '2026-12-31T00:00:00Z')`.execute(server.db);
    for (const day of ['2026-12-20T12:00:00Z', '2026-12-28T12:00:00Z', '2026-12-29T12:00:00Z']) {
      server.clock.set(day);
      await noteEndingRights(server.db, server.clock.now());
      await tellAll(server);
    }
    expect(linesFor(ana)).toEqual([['The API client Nightly sync ends on 31 Dec 2026']]);
    expect(linesFor(ben)).toEqual([['Your role viewer ends on 10 Jan 2027']]);
  });
});

describe('who is told', () => {
  it('is whoever may see it when the mail is written: roles, virtual accounts, groups, and nobody whose grant has ended', async () => {
    const whole = await makeReader(server, account, 'viewer');
    const lyon = await makeReader(server, account, 'virtual-account-user', at('EMEA / Lyon'));
    const emea = await makeReader(server, account, 'virtual-account-user', at('EMEA', true));
    const alone = await makeReader(server, account, 'virtual-account-user', at('EMEA'));
    const approver = await makeReader(server, account, 'approver');
    const ending = await makeReader(
      server,
      account,
      'account-user',
      { kind: 'account' },
      '2026-11-23T00:00:00Z',
    );
    const revoked = await makeReader(server, account, 'account-user');
    const everybody = [whole, lyon, emea, alone, approver, ending, revoked];
    const inGroup = await makeReader(server, account, 'virtual-account-user', at('EMEA / Lyon'));
    const { administrator, accountId } = account;
    const { group } = await administrator.call(createGroup, {
      params: { accountId },
      body: { name: 'Madrid', role: 'viewer', scope: at('EMEA / Madrid') },
    });
    await administrator.call(addToGroup, {
      params: { accountId, groupId: group.groupId },
      body: { people: [{ email: inGroup.email }] },
    });
    for (const each of [...everybody.filter((one) => one !== approver), inGroup]) {
      await each.choose({ shortage: 'daily' });
    }
    await shortIn('EMEA / Lyon');
    await shortIn('EMEA / Madrid', 3);
    await tellAll(server);
    await administrator.call(revokeGrant, { params: { accountId, grantId: revoked.grantId } });
    await tellAt('2026-11-23T07:00:00Z');
    const [inLyon, inMadrid] = [short('EMEA / Lyon', 5), short('EMEA / Madrid', 3)];
    const told = Object.fromEntries(
      Object.entries({ whole, lyon, emea, alone, approver, ending, revoked, inGroup }).map(([name, each]) => [
        name,
        linesFor(each),
      ]),
    );
    expect(told).toEqual({
      whole: [[inMadrid, inLyon]],
      lyon: [[inLyon]],
      emea: [[inMadrid, inLyon]],
      alone: [],
      approver: [],
      ending: [],
      revoked: [],
      inGroup: [[inMadrid, inLyon]],
    });

    // Where a virtual account lies when the mail is written decides.
    await shortIn('EMEA / Madrid', 4);
    await tellAll(server);
    await administrator.call(moveVirtualAccount, {
      params: { accountId, virtualAccountId: place('EMEA / Madrid') },
      body: { parentId: null },
    });
    await tellAt('2026-11-24T07:00:00Z');
    expect([linesFor(emea), linesFor(whole)]).toEqual([[], []]);
  });

  it('is nobody who has never signed in, and nobody of another account', async () => {
    const { accountId, administrator } = account;
    const email = 'invited@elsewhere.example';
    await administrator.call(grantRole, {
      params: { accountId },
      body: { email, role: 'account-user', scope: { kind: 'account' } },
    });
    const other = await server.account(`Other ${randomUUIDv7()}`);
    const stranger = await makeReader(server, other, 'account-administrator');
    await shortIn('EMEA / Lyon');
    await tellAll(server);
    expect(digests(email)).toEqual([]);
    expect(linesFor(stranger)).toEqual([]);
  });
});

describe('ends of terms', () => {
  const delivered = (virtualAccount: string, months = 4) =>
    deliver(server, account, {
      tag: catalog.security,
      quantity: 10,
      virtualAccount,
      term: { kind: 'term', months },
      startDate: '2026-11-22',
    });
  const ofEnds = (reader: Reader) =>
    linesFor(reader).map((lines) => lines.filter((line) => line.includes(' end on ')));

  it('are told at 90, 60 and 30 days, each once and each on or off', async () => {
    const ana = await makeReader(server, account);
    const ben = await makeReader(server, account);
    for (const each of [ana, ben]) {
      await each.choose({
        'ending-90': 'immediate',
        'ending-60': 'immediate',
        'ending-30': 'immediate',
        orders: 'off',
      });
    }
    await ben.choose({ 'ending-60': 'off' });
    await delivered('EMEA / Lyon');
    const told: [string, number, number][] = [];
    // It ends on 22 March, after 120 days.
    for (const day of [0, 15, 29, 30, 31, 32, 45, 59, 60, 61, 62, 75, 89, 90, 91, 92, 105, 118]) {
      await tellAt(
        Temporal.Instant.from('2026-11-22T12:00:00Z')
          .add({ hours: 24 * day })
          .toString(),
      );
      const [a, b] = [ofEnds(ana).length, ofEnds(ben).length];
      if (a + b > 0) told.push([server.clock.now().toString().slice(0, 10), a, b]);
    }
    expect(told).toEqual([
      ['2026-12-22', 1, 1],
      ['2027-01-21', 1, 0],
      ['2027-02-20', 1, 1],
    ]);
  });

  it('come the next day where the server was off, once, and once for a delivery that lies in two places', async () => {
    const ana = await makeReader(server, account);
    const madrid = await makeReader(server, account, 'viewer', at('EMEA / Madrid'));
    for (const each of [ana, madrid]) {
      await each.choose({ 'ending-60': 'immediate', 'ending-90': 'off', orders: 'off' });
    }
    await delivered('EMEA / Lyon');
    await account.administrator.call(transferLicenses, {
      params: { accountId: account.accountId },
      body: {
        fromVirtualAccountId: place('EMEA / Lyon'),
        toVirtualAccountId: place('EMEA / Madrid'),
        lines: [{ tag: catalog.security, quantity: 4 }],
      },
    });
    await tellAt('2027-01-18T12:00:00Z');
    expect(ofEnds(ana)).toEqual([]);
    await tellAt('2027-01-23T12:00:00Z');
    const [lines] = ofEnds(ana);
    expect(lines).toHaveLength(1);
    expect(lines?.[0]).toMatch(
      /^(6 Branch Security in EMEA \/ Lyon|4 Branch Security in EMEA \/ Madrid) end on 2\d Mar 2027, and in 1 more place$/,
    );
    expect(ofEnds(madrid)).toEqual([
      [expect.stringMatching(/^4 Branch Security in EMEA \/ Madrid end on 2\d Mar 2027$/)],
    ]);
    // What moves on afterwards is told to those who have not heard of it, and to nobody twice.
    await account.administrator.call(transferLicenses, {
      params: { accountId: account.accountId },
      body: {
        fromVirtualAccountId: place('EMEA / Lyon'),
        toVirtualAccountId: place('EMEA'),
        lines: [{ tag: catalog.security, quantity: 1 }],
      },
    });
    await tellAt('2027-01-24T12:00:00Z');
    expect([ofEnds(ana), ofEnds(madrid)]).toEqual([[], []]);
  });
});

describe('bookkeeping', () => {
  it('sends nothing twice and loses nothing where a run dies before its end, or two run at once', async () => {
    const ana = await makeReader(server, account);
    await shortIn('EMEA / Lyon');
    const dying = { ...server.jobDependencies, mailer: keepingMailer };
    const broken = {
      ...dying,
      installation: {
        ...server.installation,
        seal() {
          throw new Error('the machine stops');
        },
      },
    };
    // After what is new was put into the order, and after the mail was about to be written.
    await runNotices(dying);
    await expect(runDigests(broken)).rejects.toThrow('the machine stops');
    await expect(runDigests(broken)).rejects.toThrow('the machine stops');
    await Promise.all([1, 2, 3].map(() => runNotices(server.jobDependencies)));
    const written = await Promise.all([1, 2, 3].map(() => runDigests(server.jobDependencies)));
    expect(written.map((each) => each.written).toSorted()).toEqual([0, 0, 1]);
    await server.mailer.sendDue();
    expect(linesFor(ana)).toEqual([[short('EMEA / Lyon', 5)]]);
    // The job that notes dies between two statements: nothing of it is kept.
    await shortIn('EMEA / Madrid', 2);
    const failing = server.db.withPlugin({
      transformQuery: ({ node }) => {
        if (JSON.stringify(node).includes('insert into notice_queue')) throw new Error('the line broke');
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await expect(runNotices({ ...server.jobDependencies, db: failing })).rejects.toThrow('the line broke');
    await tellAll(server);
    expect(linesFor(ana)).toEqual([[short('EMEA / Madrid', 2)]]);
  });

  it('takes as many statements for many readers and alerts as for one', async () => {
    let statements = 0;
    const counted = server.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const dependencies = { ...server.jobDependencies, db: counted, mailer: keepingMailer };
    const run = async (people: number, alerts: number) => {
      const { accountId } = await server.account(`Large ${randomUUIDv7()}`);
      await sql`
        with who as (
          insert into people (id, name, email, created_at, updated_at)
          select gen_random_uuid()::text, 'Reader', gen_random_uuid() || '@large.example', now(), now()
            from generate_series(1, ${people}) returning id),
        sign_in as (
          insert into sign_in_accounts (id, person_id, account_id, provider_id, created_at, updated_at)
          select gen_random_uuid()::text, id, id, 'credential', now(), now() from who)
        insert into grants (account_id, grant_id, person_id, role, scope_kind, granted_by, granted_at)
        select ${accountId}, gen_random_uuid(), id, 'account-user', 'account', 'test', now() from who`.execute(
        server.db,
      );
      await sql`
        insert into alerts (account_id, alert_id, kind, severity, cause, quantity, facts, opened_at)
        select ${accountId}, gen_random_uuid(), 'insufficient-licenses', 'major', n::text, 1, '{}', ${server.clock.now()}
          from generate_series(1, ${alerts}) n`.execute(server.db);
      statements = 0;
      const { noticed } = await runNotices(dependencies);
      const { written } = await runDigests(dependencies);
      return { noticed, written, statements };
    };
    const few = await run(1, 1);
    expect(few).toMatchObject({ noticed: 1, written: 1 });
    const many = await run(450, 2_000);
    expect(many).toEqual({ noticed: 2_000, written: 450, statements: few.statements });
    // 500 readers are one part more, and 5,000 notices.
    const more = await run(501, 5_000);
    expect(more).toMatchObject({ noticed: 5_000, written: 501 });
    expect(more.statements).toBeLessThanOrEqual(2 * few.statements);
    expect(few.statements).toBeLessThanOrEqual(13);
  });

  it('forgets after 60 days what was told', async () => {
    const ana = await makeReader(server, account);
    await shortIn('EMEA / Lyon');
    await tellAll(server);
    const params = { accountId: account.accountId };
    server.clock.advance({ hours: 60 * 24 });
    await purgeNotices(server.db, server.clock.now());
    expect((await ana.browser.client.call(listNews, { params })).items).toHaveLength(1);
    server.clock.advance({ minutes: 1 });
    await purgeNotices(server.db, server.clock.now());
    expect((await ana.browser.client.call(listNews, { params })).items).toEqual([]);
  });
});

describe('the bell', () => {
  it('shows the same things to whoever may see them, and what is new since they looked', async () => {
    const ana = await makeReader(server, account);
    const lyon = await makeReader(server, account, 'viewer', at('EMEA / Lyon'));
    await ana.choose({ shortage: 'off' });
    const using = await shortIn('EMEA / Lyon');
    await shortIn('EMEA / Madrid', 3);
    await tellAll(server);
    const params = { accountId: account.accountId };
    const news = (reader: Reader) => reader.browser.client.call(listNews, { params });
    const seen = await news(ana);
    expect(seen.newCount).toBe(2);
    expect(seen.items.map(({ message, isNew }) => [message, isNew]).toSorted()).toEqual([
      [short('EMEA / Madrid', 3), true],
      [short('EMEA / Lyon', 5), true],
    ]);
    expect(seen.items[0]).toMatchObject({
      kind: 'shortage',
      state: 'new',
      page: `/licenses/${encodeURIComponent(catalog.security)}`,
      at: '2026-11-22T12:00:00Z',
    });
    expect((await news(lyon)).items.map(({ message }) => message)).toEqual([short('EMEA / Lyon', 5)]);

    await ana.browser.client.call(markNewsSeen, { params, body: { position: seen.position } });
    expect(await news(ana)).toMatchObject({ newCount: 0, items: [{ isNew: false }, { isNew: false }] });
    expect((await news(lyon)).newCount).toBe(1);
    await changeUse(server, {
      accountId: account.accountId,
      virtualAccountId: place('EMEA / Lyon'),
      instanceId: using,
      counts: { [catalog.security]: 0 },
    });
    await tellAll(server);
    const after = await news(ana);
    expect(after.newCount).toBe(1);
    expect(after.items[0]).toMatchObject({ message: short('EMEA / Lyon', 5), state: 'ended', isNew: true });
    // It never goes back.
    const { position } = await ana.browser.client.call(markNewsSeen, { params, body: { position: 0 } });
    expect(position).toBe(seen.position);
    await ana.browser.client.call(markNewsSeen, { params, body: { position: 1_000_000 } });
    expect((await news(ana)).newCount).toBe(0);
  });
});
