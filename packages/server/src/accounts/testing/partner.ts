import { acceptInvitation, createAccount } from '@estover/protocol';
import {
  createBrowser,
  linkIn,
  type MailServer,
  type TestBrowser,
  type TestServer,
} from '../../testing/index.ts';
import { password } from './ask-for-account.ts';

export interface Partner {
  accountId: string;
  email: string;
  browser: TestBrowser;
}

/** A person signed in who administers a new account: of a partner if nothing else is said. */
export async function signedInPartner(
  { server, mails }: { server: TestServer; mails: MailServer },
  { name = 'Partner', kind = 'holding' }: { name?: string; kind?: 'holding' | 'customer' } = {},
): Promise<Partner> {
  const domain = `${name.toLowerCase()}.example`;
  const email = `pat@${domain}`;
  const { account } = await server.operator.call(createAccount, {
    body: { kind, name, domainIdentifier: domain, administrator: { name: 'Pat Ost', email } },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await server.client().call(acceptInvitation, { body: { token, name: 'Pat Ost', password } });
  return { accountId: account.accountId, email, browser: await signedIn(server, email) };
}

/** A browser in which somebody with the tests' password is signed in. */
export async function signedIn(server: TestServer, email: string): Promise<TestBrowser> {
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  return browser;
}
