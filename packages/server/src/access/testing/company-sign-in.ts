import { randomUUIDv7 } from 'node:crypto';
import {
  addMailDomain,
  type BodyOf,
  type Client,
  changeSingleSignOn,
  checkMailDomain,
  createClient,
  grantRole,
  listMails,
  openMail,
  setSingleSignOn,
  startSingleSignOnTest,
} from '@estover/protocol';
import type { SeededAccount, TestServer } from '../../testing/index.ts';
import { hashPassword } from '../password-hash.ts';
import { choosePassword } from '../people-store.ts';
import { password } from './signed-in-person.ts';
import { createWalker, type Walker } from './walk.ts';

/** Somebody at a browser, signed in or not. */
export interface PersonAtBrowser {
  email: string;
  personId: string;
  walker: Walker;
  /** A typed client that uses the session. */
  client: Client;
}

export const newBrowser = (server: TestServer): Walker => createWalker(server.installation.publicUrl);

/** Hashing a password takes longer than all else that these tests do, and one hash is as good as another. */
let passwordHash: Promise<string> | undefined;

/** Somebody with a role in the whole account and a password, who is not signed in. */
export async function member(
  server: TestServer,
  { accountId, administrator }: SeededAccount,
  email: string,
  role: 'account-administrator' | 'viewer' = 'viewer',
): Promise<PersonAtBrowser> {
  const { personId } = await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role, scope: { kind: 'account' } },
  });
  passwordHash ??= hashPassword(password);
  const chosen = { personId, name: 'Ana Ruiz', passwordHash: await passwordHash, now: server.clock.now() };
  await server.db.transaction().execute((trx) => choosePassword(trx, { ...chosen, newId: randomUUIDv7() }));
  const walker = newBrowser(server);
  return { email, personId, walker, client: clientOf(server, walker) };
}

/** The same with a session. */
export async function memberAtBrowser(...given: Parameters<typeof member>): Promise<PersonAtBrowser> {
  const [server, , email] = given;
  const who = await member(...given);
  const answer = await enterPassword(server, who.walker, email);
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  return who;
}

export const enterPassword = (server: TestServer, walker: Walker, email: string): Promise<Response> =>
  walker.post(`${server.installation.publicUrl}/auth/sign-in/email`, { email, password });

/** One administrator for all companies of a server. */
const admins = new WeakMap<TestServer, Promise<PersonAtBrowser>>();

async function adminOf(server: TestServer, seeded: SeededAccount): Promise<PersonAtBrowser> {
  const known = admins.get(server);
  if (known === undefined) {
    const email = `admin@${randomUUIDv7()}.example`;
    const made = memberAtBrowser(server, seeded, email, 'account-administrator');
    admins.set(server, made);
    return made;
  }
  const admin = await known;
  await seeded.administrator.call(grantRole, {
    params: { accountId: seeded.accountId },
    body: { email: admin.email, role: 'account-administrator', scope: { kind: 'account' } },
  });
  return admin;
}

export const clientOf = ({ installation: { publicUrl } }: TestServer, walker: Walker): Client =>
  createClient({
    baseUrl: publicUrl,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('origin', publicUrl);
      return walker.step(String(input), { ...init, headers });
    },
  });

/** An account that has proved a mail domain. */
export async function provedDomain(
  { administrator, accountId }: Pick<SeededAccount, 'administrator' | 'accountId'>,
  txtRecords: Map<string, string[]>,
  domain: string,
): Promise<string> {
  const params = { accountId };
  const { mailDomain } = await administrator.call(addMailDomain, { params, body: { domain } });
  const { record, mailDomainId } = mailDomain;
  txtRecords.set(record.name, [record.text]);
  await administrator.call(checkMailDomain, { params: { accountId, mailDomainId } });
  return mailDomainId;
}

/** Tests what is set with an administrator's browser, and switches it on. */
export async function testAndSwitchOn(
  server: TestServer,
  admin: PersonAtBrowser,
  params: { accountId: string; mailDomainId: string },
  rules: BodyOf<typeof changeSingleSignOn> = {},
): Promise<void> {
  const { url } = await admin.client.call(startSingleSignOnTest, { params });
  const page = await admin.walker.open(url);
  if (page.searchParams.get('tested') !== 'went-well') throw new Error(`the test ended at ${page.href}`);
  const administrator = server.client(await server.keyOf(params.accountId, 'account-administrator'));
  await administrator.call(changeSingleSignOn, { params, body: { isOn: true, ...rules } });
}

export interface Company {
  seeded: SeededAccount;
  domain: string;
  params: { accountId: string; mailDomainId: string };
  admin: PersonAtBrowser;
}

/** A company whose people sign in at a provider by OpenID Connect: proved, set, tested, on. */
export async function companyWithSignIn(
  server: TestServer,
  txtRecords: Map<string, string[]>,
  provider: { issuer: string; clientId?: string; clientSecret?: string },
  rules: BodyOf<typeof changeSingleSignOn> = {},
  domain = `${randomUUIDv7()}.example`,
  sayTester: (email: string) => void = () => {},
): Promise<Company> {
  const seeded = await server.account(`Company ${domain.slice(0, 13)}`);
  const mailDomainId = await provedDomain(seeded, txtRecords, domain);
  const params = { accountId: seeded.accountId, mailDomainId };
  const { issuer, clientId = 'estover', clientSecret = 'a secret of the client' } = provider;
  await seeded.administrator.call(setSingleSignOn, {
    params,
    body: { protocol: 'oidc', issuer, clientId, clientSecret },
  });
  const admin = await adminOf(server, seeded);
  sayTester(`tester@${domain}`);
  await testAndSwitchOn(server, admin, params, rules);
  return { seeded, domain, params, admin };
}

/** Types a mail address on the page for signing in, and goes where it leads. */
export async function signInAt(
  server: TestServer,
  walker: Walker,
  email: string,
  next?: string,
): Promise<URL> {
  const { publicUrl } = server.installation;
  const begun = await walker.post(`${publicUrl}/auth/sign-in/begin`, { email, ...(next && { next }) });
  const answer = (await begun.json()) as { state: string; url?: string };
  if (answer.url === undefined) throw new Error(`it began with ${JSON.stringify(answer)}`);
  return walker.open(answer.url);
}

/** Whose session a browser has; null for nobody's. */
export async function whoIs(server: TestServer, walker: Walker): Promise<string | null> {
  const answer = await walker.step(`${server.installation.publicUrl}/api/v1/me`);
  if (answer.status !== 200) return null;
  return ((await answer.json()) as { email: string }).email;
}

/** The secret of the link in the newest mail to an address. */
export async function linkTo(server: TestServer, email: string): Promise<string> {
  const { items } = await server.operator.call(listMails, { query: { search: email } });
  const { text } = await server.operator.call(openMail, { params: { mailId: items[0]?.mailId ?? '' } });
  return /#(esmp_\w+)/.exec(text)?.[1] ?? '';
}
