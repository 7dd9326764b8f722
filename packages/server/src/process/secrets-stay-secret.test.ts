import { glob, readFile } from 'node:fs/promises';
import {
  approveRecovery,
  askRecovery,
  createApiKey,
  createClient,
  createWebhook,
  getMe,
  type Operation,
  openMail,
  operations,
  setSingleSignOn,
  setUp,
  unsubscribe,
} from '@estover/protocol';
import { secretPrefixes } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { keepingWhile } from '../access/testing/keeping-nothing.ts';
import { makeOperator } from '../access/testing/matrix-support.ts';
import { type MatrixWorld, makeMatrixWorld } from '../access/testing/matrix-world.ts';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import { totpCode } from '../access/totp.ts';
import { problemOf, type Sent, waysOf } from '../edge/testing/every-sample.ts';
import { startJobs } from '../jobs/index.ts';
import { mailPurpose } from '../notifications/queue-mail.ts';
import { everyColumn, findAll, type Needle, needleOfBytes, needleOfText } from '../testing/find-secrets.ts';
import { createBrowser, type TestBrowser } from '../testing/index.ts';
import { secretsIn, type Watch, watchSecrets } from '../testing/watch-secrets.ts';
import { addHealthRoutes } from './health-routes.ts';
import { createLog } from './log.ts';

/**
 * A server makes one of each secret, does all that the samples of the access matrix and the pages for signing in ask for,
 * and fails at it as well. Then every secret is looked for: in the database, and in all that the server said and logged.
 */

/** Chance that everybody may read, by the file that takes it. */
const open: Record<string, string> = {
  'protocol/client.ts': 'the caller’s own name of a request',
  'protocol/signing/certificates.ts': 'the number of a certificate',
  'server/access/password-hash.ts': 'the salt in the hash of a password',
  'server/access/single-sign-on/mail-domains.ts': 'it stands in the public DNS',
  'server/audit/record-event.ts': 'the salt in the hash of an event',
  'server/installation/seal.ts': 'the nonce before what it sealed',
};

/** Secrets that no server makes while it runs. */
const madeBefore: Record<string, string> = {
  'server/database/embedded/database-credentials.ts': 'it lies in a file of the data folder',
  'server/process/encryption-key.ts': 'it lies in a file, or in the environment',
};

/** Where secrets are handed over, beside the operations that say so. */
const handsOver: Record<string, string> = {
  '/auth/passkeys/options': 'what a new passkey signs',
  '/auth/sign-in/begin': 'the way to the company’s sign-in, to the browser that asked',
  '/auth/sign-in/email': 'what the code has to come with',
  '/auth/sign-in/passkey-options': 'what a passkey signs',
  '/auth/totp/confirm': 'recovery codes',
  '/auth/totp/recovery-codes': 'recovery codes',
  '/auth/totp/start': 'the secret for the app',
  '/oauth/token': 'the access token',
  [openMail.path]: 'the mail with its link, which stays in the events',
};

let watch: Watch;
let world: MatrixWorld;
/** Whether the server keeps what it does, as servers do. */
let keeps = true;
const logged: string[] = [];
const planted = {
  password: 'canary horse 4711',
  newPassword: 'canary horse 0815',
  clientSecret: 'canary-of-a-client-5e1f',
  other: 'canary-of-nobody-77aa',
};
const spoken: Needle[] = Object.entries(planted).map(([name, text]) => needleOfText(name, text));
let bareToken = '';
/** Every secret of a form that can be told, which was sent to somebody or waits to be. */
let handedOver = new Set<string>();

beforeAll(async () => {
  watch = watchSecrets();
  world = await makeMatrixWorld(
    keepingWhile(() => keeps),
    {
      log: createLog(
        { logLevel: 'debug', logFormat: 'json' },
        { write: (line: string) => void logged.push(line) },
      ),
      prepare: (app) => addHealthRoutes(app, { askDatabase: async () => true, isStopping: () => false }),
    },
  );
  await signInInEveryWay();
  await useApiClients();
  const succeeded = await sendSamples();
  await failAtAll(succeeded);
  await keepSecretAnswers(succeeded);
  const jobs = await startJobs(world.server.connectionString, world.server.jobDependencies, {
    warn: (...said: unknown[]) => void logged.push(JSON.stringify(said)),
    error: (...said: unknown[]) => void logged.push(JSON.stringify(said)),
  });
  await jobs.stop();
  handedOver = secretsIn([
    ...watch.exchanges.flatMap(({ sent, received }) => [sent, received]),
    ...(await waitingMails()).values(),
  ]);
}, 300_000);
afterAll(async () => {
  watch.stop();
  await world.close();
});

/** Signs in with a password, a code and the company's way, changes all of it, and does each of it wrong as well. */
async function signInInEveryWay(): Promise<void> {
  const { server, baseUrl, scene } = world;
  const { email } = await makePersonWithPassword(server, planted.password);
  const browser = createBrowser(baseUrl);
  const { password, newPassword, other } = planted;
  await refused(browser, '/auth/sign-in/email', { email, password: other });
  await done(browser, '/auth/sign-in/email', { email, password });
  await refused(browser, '/auth/totp/start', { password: other });
  const { secret } = await done(browser, '/auth/totp/start', { password });
  const code = () => {
    server.clock.advance({ seconds: 30 });
    return totpCode(secret as string, server.clock.now());
  };
  await refused(browser, '/auth/totp/confirm', { code: other });
  await done(browser, '/auth/totp/confirm', { code: await code() });
  const { recoveryCodes } = await done(browser, '/auth/totp/recovery-codes', {
    password,
    code: await code(),
  });
  spoken.push(...(recoveryCodes as string[]).map((each) => needleOfText('a recovery code', each)));
  await refused(browser, '/auth/change-password', { currentPassword: other, newPassword });
  await done(browser, '/auth/change-password', { currentPassword: password, newPassword });
  await done(browser, '/auth/passkeys/options', {});
  await done(browser, '/auth/sign-in/passkey-options', {});
  const newAddress = 'new-address@elsewhere.example';
  await done(browser, '/auth/mail-address', { email: newAddress, code: await code() });
  const [proof = ''] = secretsIn([await mailTo(newAddress)]);
  await refused(browser, '/auth/confirm-mail', { token: `${proof.slice(0, -1)}#` });
  await done(browser, '/auth/request-password-reset', { email });
  const [reset = ''] = secretsIn([await vi.waitFor(() => mailTo(email, 'espr_'), 20_000)]);
  expect(reset).toMatch(/^espr_/);
  await refused(browser, '/auth/reset-password', { token: `${reset.slice(0, -1)}#`, password: other });
  const cookie = decodeURIComponent(browser.cookies().split('=').slice(1).join('='));
  spoken.push(needleOfText('a cookie of a session', cookie));
  bareToken = cookie.split('.')[0] ?? '';
  const { challenge } = await done(createBrowser(baseUrl), '/auth/sign-in/email', {
    email,
    password: newPassword,
  });
  await refused(browser, '/auth/sign-in/code', { challenge, code: other });

  const { accountId, mailDomainId } = scene.places.own;
  const { domain } = await server.db
    .updateTable('single_sign_on')
    .from('mail_domains')
    .set({ is_on: true })
    .whereRef('mail_domains.mail_domain_id', '=', 'single_sign_on.mail_domain_id')
    .where('single_sign_on.mail_domain_id', '=', mailDomainId)
    .returning('domain')
    .executeTakeFirstOrThrow();
  await done(createBrowser(baseUrl), '/auth/sign-in/begin', { email: `ana@${domain}` });
  await scene.own.administrator.call(setSingleSignOn, {
    params: { accountId, mailDomainId: scene.places.nested.mailDomainId },
    body: {
      protocol: 'oidc',
      issuer: 'https://idp.example',
      clientId: 'estover',
      clientSecret: planted.clientSecret,
    },
  });
}

async function done(browser: TestBrowser, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await browser.post(path, body);
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

async function refused(browser: TestBrowser, path: string, body: unknown): Promise<void> {
  const { status } = await browser.post(path, body);
  if (status < 400 || status >= 500) throw new Error(`${path} answered ${status}`);
}

/** What the mails to somebody say, which were not sent yet. */
async function mailTo(recipient: string, containing = ''): Promise<string> {
  const text = (await waitingMails()).get(recipient) ?? '';
  if (text === '' || !text.includes(containing)) throw new Error(`no such mail to ${recipient}`);
  return text;
}

/** What every mail says that was not sent yet, by recipient. */
async function waitingMails(): Promise<Map<string, string>> {
  const { db, installation } = world.server;
  const rows = await db
    .selectFrom('mails')
    .select(['recipient', 'content_sealed as sealed'])
    .where('content_sealed', 'is not', null)
    .execute();
  const texts = new Map<string, string>();
  for (const { recipient, sealed } of rows) {
    const text = installation.open(mailPurpose, sealed as string);
    texts.set(recipient, `${texts.get(recipient) ?? ''}\n${text}`);
  }
  return texts;
}

/** Gets access tokens, speaks SCIM, and sends what nobody should send. */
async function useApiClients(): Promise<void> {
  const { server, baseUrl, scene } = world;
  const { accountId } = scene.own;
  const client = createClient({ baseUrl, apiKey: await server.keyOf(accountId, 'account-administrator') });
  const { apiKey, secret } = await client.call(createApiKey, {
    params: { accountId },
    body: { name: 'Sync', role: 'account-administrator', scope: { kind: 'account' } },
  });
  await client.call(createWebhook, {
    params: { accountId },
    body: { description: 'New', url: 'https://siem.example.com/', signing: 'ed25519' },
  });
  const tokenFor = async (client_secret: string) => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: apiKey.apiKeyId,
      client_secret,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${baseUrl}/oauth/token`, { method: 'POST', headers, body: String(body) });
    return ((await answer.json()) as { access_token?: string }).access_token;
  };
  expect(await tokenFor(planted.other)).toBeUndefined();
  const token = (await tokenFor(secret)) as string;
  await createClient({ baseUrl, apiKey: token }).call(getMe, {});
  for (const bearer of [secret, token, `${secret.slice(0, -1)}x`, planted.other]) {
    for (const path of [`/scim/v2/accounts/${accountId}/Users`, '/api/v1/me']) {
      await fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
    }
  }
  await fetch(`${baseUrl}/nowhere?token=${planted.other}`, { headers: { 'x-api-key': planted.other } });
  await fetch(`${baseUrl}/api/v1/me`, { headers: { authorization: planted.other } });
}

interface Succeeded {
  operation: Operation;
  sent: Sent;
}

/** Every sample, from everybody until somebody succeeds, of which nothing is kept. */
async function sendSamples(): Promise<Succeeded[]> {
  keeps = false;
  const succeeded: Succeeded[] = [];
  const first = (operation: Operation) => Number(operation !== setUp);
  for (const operation of [...operations.values()].toSorted((one, other) => first(one) - first(other))) {
    if (succeeded.length === 1) await makeOperator(world.server);
    for (const sample of Object.values(world.samples[operation.name] ?? {})) {
      for (const sent of waysOf(world, operation, sample)) {
        if ((await problemOf(operation, sent)) !== null) continue;
        succeeded.push({ operation, sent });
        break;
      }
    }
  }
  // A few take an account of another kind than that of the samples.
  expect(new Set(succeeded.map(({ operation }) => operation)).size).toBeGreaterThan(operations.size - 8);
  return succeeded;
}

/** The same once more where the database refuses the event, and with members that nobody knows. */
async function failAtAll(succeeded: readonly Succeeded[]): Promise<void> {
  const { db } = world.server;
  await sql`create function refuse_events() returns trigger language plpgsql as
    $$ begin raise exception 'no event is written today' using detail = new::text; end $$`.execute(db);
  await sql`create trigger no_events before insert on events for each row execute function refuse_events()`.execute(
    db,
  );
  let failed = 0;
  for (const { operation, sent } of succeeded) {
    if (operation.method === 'GET') continue;
    const problem = await problemOf(operation, sent);
    if (problem?.code === 'internal-error') failed++;
    if (operation.bodyMedia !== undefined || typeof sent.sample.body !== 'object') continue;
    const body = { ...sent.sample.body, canary: planted.other, password: planted.other };
    await problemOf(operation, { ...sent, sample: { ...sent.sample, body } });
  }
  await sql`drop trigger no_events on events`.execute(db);
  expect(failed).toBeGreaterThan(100);
}

/** What hands secrets over, once more, and kept this time. */
async function keepSecretAnswers(succeeded: readonly Succeeded[]): Promise<void> {
  keeps = true;
  for (const { operation, sent } of succeeded) {
    const needed = operation.secretAnswer || operation === askRecovery || operation === approveRecovery;
    // Sealed answers are kept for those who repeat the request.
    if (needed) await problemOf(operation, sent);
    if (operation === unsubscribe) {
      const { token } = sent.sample.body as { token: string };
      spoken.push(needleOfText('what ends mails', token));
    }
  }
}

/** Every secret that was made or handed over. */
function needles(): Needle[] {
  const made = watch.made.filter(({ maker, bytes }) => open[maker] === undefined && bytes.length >= 7);
  return [
    ...made.map(({ maker, bytes }) => needleOfBytes(`what ${maker} made`, bytes)),
    ...[...handedOver].map((text) => needleOfText(text.slice(0, 5), text)),
    ...spoken,
    needleOfText('the password of the samples', 'correct horse battery'),
  ];
}

it('makes one of each secret that the code knows', async () => {
  const takes =
    /\b(randomBytes|randomInt|randomFill|randomFillSync|getRandomValues|generateKey|generateKeySync|generateKeyPairSync)\(/;
  const makers: string[] = [];
  for await (const file of glob('packages/{domain,protocol,server}/src/**/*.ts')) {
    if (/\.test\.ts$|\/testing\/|\/conformance\//.test(file)) continue;
    if (takes.test(await readFile(file, 'utf8'))) makers.push(file.replace(/^packages\/(\w+)\/src\//, '$1/'));
  }
  expect(makers.length).toBeGreaterThan(15);
  const seen = new Set(watch.made.map(({ maker }) => maker));
  expect(makers.filter((maker) => !seen.has(maker)).sort()).toEqual(Object.keys(madeBefore).sort());
  const texts = [...handedOver];
  expect(secretPrefixes.filter((prefix) => !texts.some((text) => text.startsWith(prefix)))).toEqual([]);
});

it('keeps none of them in a form that could be used, in any column of any table', async () => {
  const columns = await everyColumn(world.server.db);
  const tables = columns.map(({ where }) => where.replace(/\.\w+$/, ''));
  for (const table of [
    'events',
    'idempotency_keys',
    'mails',
    'one_time_links',
    'sessions',
    'jobs.schedule',
  ]) {
    // Events lie in parts, by month.
    expect(
      tables.some((each) => each === table || each.startsWith(`${table}_`)),
      table,
    ).toBe(true);
  }
  expect(findAll(needles(), columns)).toEqual([]);
  // The search finds what is there.
  expect(findAll([needleOfText('a token', bareToken)], columns)).toEqual(['a token in sessions.token']);
  // What the library keeps of a session opens nothing without the installation's signature.
  const browser = createBrowser(world.baseUrl);
  const [name] = watch.exchanges.flatMap(({ sent }) => /"cookie","([^=]+)=/.exec(sent)?.[1] ?? []).slice(-1);
  browser.setCookies(`${name}=${bareToken}`);
  expect((await browser.request('GET', '/api/v1/me')).status).toBe(401);
});

it('says none of them but where it is asked for one, and logs none', async () => {
  const metrics = await (await fetch(`${world.baseUrl}/metrics`)).text();
  expect(metrics).toContain('estover_http_request_duration_seconds');
  expect(logged.length).toBeGreaterThan(500);
  expect(logged.some((line) => line.includes('no event is written today'))).toBe(true);
  const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  const over = [
    ...Object.keys(handsOver).map((path) => patternOf(path)),
    ...[...operations.values()].filter(({ secretAnswer }) => secretAnswer).map(({ path }) => patternOf(path)),
  ];
  const said = watch.exchanges
    .map(({ method, url, status, received }) => ({ path: new URL(url).pathname, method, status, received }))
    .filter(({ path, status }) => status >= 400 || !over.some((pattern) => pattern.test(path)))
    .map(({ method, path, status, received }) => ({ where: `${method} ${path} ${status}`, text: received }));
  expect(said.length).toBeGreaterThan(500);
  const haystacks = [
    ...said,
    { where: 'the metrics', text: metrics },
    { where: 'the log', text: logged.join('') },
  ];
  expect(findAll(needles(), haystacks)).toEqual([]);
});
