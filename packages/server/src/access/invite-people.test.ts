import { randomUUIDv7 } from 'node:crypto';
import { acceptInvitation, type Client, invitePeople, listPeople } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';

let server: TestServer;
let accountId: string;
let administrator: Client;
/** EMEA / Lyon, EMEA / Madrid, Asia. */
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  const seeded = await server.account(`Invitations ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'EMEA / Lyon', 'EMEA / Madrid', 'Asia');
});

const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) });
const csv = (body: string, { by = administrator, dryRun = false } = {}) =>
  by.call(invitePeople, { params: { accountId }, body, contentType: 'text/csv', dryRun });
const json = (body: unknown, by = administrator) =>
  by.call(invitePeople, {
    params: { accountId },
    body: JSON.stringify(body),
    contentType: 'application/json',
  });
const domain = () => `${randomUUIDv7()}.example`;
const people = async () => (await administrator.call(listPeople, { params: { accountId } })).items;
const errorsOf = async (call: Promise<unknown>) => {
  const problem = await call.then(
    () => expect.unreachable(),
    (error) => error.problem,
  );
  expect(problem.code).toBe('import-refused');
  return problem.errors.map((error: Record<string, unknown>) => [
    error['row'],
    error['column'],
    error['code'],
    error['detail'],
  ]);
};
const events = () =>
  server.db
    .selectFrom('events')
    .select(['operation', 'message', 'after', 'virtual_account_id as virtualAccountId'])
    .where('account_id', '=', accountId)
    .where('operation', '=', 'invitePeople')
    .execute();

it('invites everybody in a file, each to their own, with one event that names them', async () => {
  const at = domain();
  const { people: invited } = await csv(
    [
      'email,name,role,virtual_accounts,nested,until',
      `jo@${at},Jo Petit,virtual-account-user,EMEA/lyon; Asia ,yes,2027-01-31`,
      `AL@${at},,Viewer,,,`,
      '',
      `mo@${at},Mo,viewer,${ids['EMEA / Madrid']},,`,
    ].join('\n'),
  );
  const virtualAccounts = (nested: boolean, ...names: string[]) => ({
    kind: 'virtual-accounts',
    virtualAccounts: names.map((name) => ({ virtualAccountId: ids[name], nested })),
  });
  const link = expect.stringMatching(/#esin_/);
  const told = { given: true, invitationLink: link, mailed: false };
  expect(invited).toMatchObject([
    {
      ...told,
      row: 2,
      email: `jo@${at}`,
      name: 'Jo Petit',
      grant: { role: 'virtual-account-user', until: '2027-01-31T23:59:59Z' },
    },
    {
      ...told,
      row: 3,
      email: `al@${at}`,
      grant: { role: 'viewer', scope: { kind: 'account' }, until: null },
    },
    { ...told, row: 5, email: `mo@${at}`, grant: { scope: virtualAccounts(false, 'EMEA / Madrid') } },
  ]);
  expect(invited[0]?.grant.scope).toEqual({
    kind: 'virtual-accounts',
    virtualAccounts: expect.arrayContaining(virtualAccounts(true, 'EMEA / Lyon', 'Asia').virtualAccounts),
  });
  expect((await people()).map(({ email, status }) => [email, status])).toEqual(
    expect.arrayContaining([
      [`jo@${at}`, 'invited'],
      [`al@${at}`, 'invited'],
      [`mo@${at}`, 'invited'],
    ]),
  );
  const [event, ...others] = await events();
  expect(others).toEqual([]);
  expect(event?.message).toBe(
    `gave 3 people roles: jo@${at} as virtual-account-user, al@${at} as viewer, mo@${at} as viewer`,
  );
  expect(event?.after).toMatchObject({ people: [{ email: `jo@${at}` }, { email: `al@${at}` }, {}] });
  expect(JSON.stringify(event)).not.toContain('esin_');
  await expect(
    server.client().call(acceptInvitation, {
      body: {
        token: invited[0]?.invitationLink as string,
        name: 'Jo Petit',
        password: 'correct horse battery',
      },
    }),
  ).resolves.toMatchObject({ email: `jo@${at}` });
});

it('names every bad row with its column and what is wrong, and invites nobody', async () => {
  const at = domain();
  const lines = [
    'email,role,virtual_accounts,nested,until',
    `jo@${at},viewer,EMEA / Lyn,,`,
    `al@${at},veiwer,Asia,maybe,2020-01-01`,
    `JO@${at},viewer,,,`,
    `mo@${at},viewer`,
    `ed@${at},approver,Asia,,`,
    `ok@${at},viewer,Asia,,`,
  ];
  expect(await errorsOf(csv(lines.join('\n')))).toEqual([
    [
      2,
      'virtual_accounts',
      'unknown-virtual-account',
      'There is no virtual account EMEA / Lyn here that you may see. Did you mean EMEA / Lyon?',
    ],
    [3, 'role', 'role-invalid', 'veiwer is not a role. Did you mean viewer?'],
    [3, 'nested', 'nested-invalid', 'maybe is neither yes nor no.'],
    [3, 'until', 'until-past', '2020-01-01 is not in the future.'],
    [4, 'email', 'email-repeated', `JO@${at} is in row 2 already.`],
    [5, 'email', 'wrong-number-of-cells', 'The row has 2 cells, the header 5.'],
    [
      6,
      'virtual_accounts',
      'scope-not-for-role',
      'The role approver is given for the whole account. Name no virtual accounts.',
    ],
  ]);
  expect(await people()).toHaveLength(1);
  expect(await events()).toEqual([]);
  expect(await errorsOf(csv(`mail,role\njo@${at},viewer\n`))).toEqual([
    [1, 'mail', 'unknown-column', 'There is no column mail. Did you mean email?'],
    [1, 'email', 'missing-column', 'The column email is missing. Add it to the header.'],
  ]);
});

it('gives one role to all, or one to each, by JSON', async () => {
  const at = domain();
  const scope = {
    kind: 'virtual-accounts',
    virtualAccounts: [{ virtualAccountId: ids['Asia'], nested: true }],
  };
  const { people: invited } = await json({
    people: [{ email: `jo@${at}` }, { email: `al@${at}`, role: 'approver', scope: { kind: 'account' } }],
    role: 'viewer',
    scope,
  });
  expect(invited.map(({ row, grant }) => [row, grant.role, grant.scope])).toEqual([
    [1, 'viewer', scope],
    [2, 'approver', { kind: 'account' }],
  ]);
  expect((await events())[0]?.virtualAccountId).toBeNull();
  expect(
    await errorsOf(
      json({
        people: [
          { email: 'x' },
          { email: `mo@${at}`, surname: 'Mo' },
          { email: `ed@${at}` },
          { email: `bo@${at}`, role: 'virtual-account-user', scope: { kind: 'account' } },
          { email: `cy@${at}`, role: 'viewer', scope: { kind: 'account' }, until: '2020-01-01T00:00:00Z' },
        ],
      }),
    ),
  ).toEqual([
    [1, 'email', 'invalid_format', 'Invalid email address'],
    [2, '', 'unrecognized_keys', 'Unrecognized key: "surname"'],
    [3, 'role', 'value-missing', 'Neither the row nor the whole names a role.'],
    [3, 'scope', 'value-missing', 'Neither the row nor the whole names a scope.'],
    [
      4,
      'scope',
      'scope-not-for-role',
      'The role virtual-account-user is given for virtual accounts. Name at least one.',
    ],
    [5, 'until', 'until-past', '2020-01-01T00:00:00Z is not in the future.'],
  ]);
});

it('refuses what cannot be read, nobody, and more than 200 at once', async () => {
  const rows = (count: number) => Array.from({ length: count }, (_, index) => `p${index}@many.example`);
  const file = (count: number) =>
    `email,role\n${rows(count)
      .map((email) => `${email},viewer\n`)
      .join('')}`;
  await expect(csv(file(201))).rejects.toMatchObject({
    problem: { code: 'body-too-large', rows: 201, maximum: 200 },
  });
  await expect(json({ people: rows(201).map((email) => ({ email })) })).rejects.toMatchObject(
    refusal('body-too-large'),
  );
  for (const text of ['', 'email,role\n', 'email,role\n"a', 'email,role\n\uFFFD@x.example,viewer'])
    await expect(csv(text)).rejects.toMatchObject(refusal('malformed-body'));
  await expect(json({ people: [] })).rejects.toMatchObject(refusal('malformed-body'));
  await expect(json([])).rejects.toMatchObject(refusal('invalid-request'));
  await expect(json({ people: [{ email: 'a@x.example' }], roll: 'viewer' })).rejects.toMatchObject(
    refusal('invalid-request'),
  );
  const bare = administrator.call(invitePeople, {
    params: { accountId },
    body: '{',
    contentType: 'application/json',
  });
  await expect(bare).rejects.toMatchObject(refusal('malformed-body'));
  expect(await people()).toHaveLength(1);
  expect((await csv(file(200))).people).toHaveLength(200);
});

it('shows what would happen without doing it', async () => {
  const at = domain();
  const preview = await csv(`email,role\njo@${at},viewer\n`, { dryRun: true });
  expect(preview.people).toMatchObject([{ row: 2, email: `jo@${at}`, given: true, invitationLink: null }]);
  expect(await people()).toHaveLength(1);
  expect(await events()).toEqual([]);
  const mails = await server.db
    .selectFrom('mails')
    .select('mail_id')
    .where('recipient', '=', `jo@${at}`)
    .execute();
  expect(mails).toEqual([]);
});

it('says in a dry run nothing of people elsewhere', async () => {
  const { email, personId } = await makePersonWithPassword(server, 'correct horse battery');
  const ask = async () => (await csv(`email,role\n${email},viewer\n`, { dryRun: true })).people[0];
  const preview = await ask();
  expect(preview).toMatchObject({ email, name: email, given: true, mailed: false, invitationLink: null });
  expect(preview?.personId).not.toBe(personId);
  await csv(`email,role\n${email},viewer\n`);
  expect(await ask()).toMatchObject({ personId, name: 'Ana Ruiz', given: false });
});

it('gives nothing twice to who has it, and sends each a mail', async () => {
  const at = domain();
  const file = `email,role\njo@${at},viewer\nal@${at},viewer\n`;
  const first = await csv(file);
  const again = await csv(file);
  expect(again.people.map(({ given, grant }) => [given, grant.grantId])).toEqual(
    first.people.map(({ grant }) => [false, grant.grantId]),
  );
  const mails = await server.db
    .selectFrom('mails')
    .select(['recipient', 'kind'])
    .where('account_id', '=', accountId)
    .where('recipient', 'like', `%@${at}`)
    .orderBy('recipient')
    .execute();
  expect(mails).toEqual([
    { recipient: `al@${at}`, kind: 'invitation' },
    { recipient: `al@${at}`, kind: 'invitation' },
    { recipient: `jo@${at}`, kind: 'invitation' },
    { recipient: `jo@${at}`, kind: 'invitation' },
  ]);
});

it('lets nobody give more than they hold, in any row', async () => {
  const at = domain();
  const emea = server.client(
    await server.keyOf(accountId, 'virtual-account-administrator', {
      kind: 'virtual-accounts',
      virtualAccounts: [
        { virtualAccountId: ids['EMEA / Lyon'] as string, nested: true },
        { virtualAccountId: ids['EMEA / Madrid'] as string, nested: false },
      ],
    }),
  );
  const lines = [
    'email,role,virtual_accounts,nested',
    `a@${at},virtual-account-administrator,EMEA / Lyon,yes`,
    `b@${at},viewer,EMEA / Madrid,yes`,
    `c@${at},viewer,,`,
    `d@${at},viewer,Asia,`,
  ];
  const beyond = 'in this scope, with this end, is more than you hold yourself.';
  expect(await errorsOf(csv(lines.join('\n'), { by: emea }))).toEqual([
    [3, 'role', 'grant-exceeds-own', `The role viewer ${beyond}`],
    [4, 'role', 'grant-exceeds-own', `The role viewer ${beyond}`],
    // Names that the one who mistyped does not see are not suggested, either.
    [
      5,
      'virtual_accounts',
      'unknown-virtual-account',
      'There is no virtual account Asia here that you may see.',
    ],
  ]);
  expect((await csv(lines.slice(0, 2).join('\n'), { by: emea })).people).toHaveLength(1);
  const all = (role: string, scope: unknown) => json({ people: [{ email: `e@${at}` }], role, scope }, emea);
  await expect(all('viewer', { kind: 'account' })).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await expect(all('approver', { kind: 'account' })).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await expect(
    all('viewer', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: ids['Asia'], nested: false }],
    }),
  ).rejects.toMatchObject(refusal('unknown-virtual-account'));
  await expect(all('virtual-account-user', { kind: 'account' })).rejects.toMatchObject(
    refusal('scope-not-for-role'),
  );
});
