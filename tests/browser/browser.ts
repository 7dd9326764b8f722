import { randomUUIDv7 } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import { acceptInvitation, type BodyOf, createAccount, grantRole, setUp } from '@estover/protocol';
import { startTestServer, type TestServer, type TestServerOptions } from '@estover/server/testing';
import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  chromium as playwright,
} from 'playwright-core';
import { createSetupLink } from '../../packages/server/src/access/index.ts';
import { unpackedBrowser } from './unpacked-browser.ts';

/** The console as `npm run build` made it. */
const consoleFolder = fileURLToPath(new URL('../../packages/console/dist', import.meta.url));

export const password = 'long enough, and not common';

export interface Person {
  email: string;
  accountId: string;
  defaultVirtualAccountId: string;
}

export interface ConsoleTest {
  server: TestServer;
  /** Makes a customer account with an administrator who has a password. */
  company(name?: string, more?: Partial<BodyOf<typeof createAccount>>): Promise<Person>;
  /** Makes somebody else of the account, with a password. */
  member(accountId: string, role: AccountRole, scope?: GrantScope): Promise<Pick<Person, 'email'>>;
  /** Makes the first operator of the platform, with a password. Once for each server. */
  operator(): Promise<Pick<Person, 'email'>>;
  /** A page where the person is signed in. */
  signedIn(person: Pick<Person, 'email'>, options?: BrowserContextOptions): Promise<Page>;
  /** A page where nobody is signed in. */
  page(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

async function launch(): Promise<Browser> {
  // The browser out of the package runs on Linux; elsewhere the machine's own does.
  if (process.platform !== 'linux' || process.arch !== 'x64') return playwright.launch({ channel: 'chrome' });
  // Pages have no graphics that a graphics card would draw; one that is emulated takes half of the time of a test.
  chromium.setGraphicsMode = false;
  return playwright.launch({
    executablePath: await unpackedBrowser(),
    // Pages of one process would die together.
    args: chromium.args.filter((word) => word !== '--single-process' && word !== '--no-zygote'),
    headless: true,
  });
}

let browser: Promise<Browser> | undefined;

/**
 * One browser for all files of a worker, which ends with it: each file has contexts of its own, so nothing of one is seen
 * by another.
 */
function sharedBrowser(): Promise<Browser> {
  browser ??= launch();
  return browser;
}

/** A real server with the built console, and a browser. */
export async function startConsoleTest(
  options: Pick<TestServerOptions, 'at' | 'smtpUrl' | 'atLocalhost' | 'outboundAllow' | 'txtRecords'> = {},
): Promise<ConsoleTest> {
  if (!existsSync(consoleFolder)) throw new Error('The console is not built: npm run build');
  const server = await startTestServer({ ...options, consoleFolder });
  const browser = await sharedBrowser();
  const contexts: BrowserContext[] = [];
  let companies = 0;
  let members = 0;
  const open = async (more: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      baseURL: options.atLocalhost === true ? server.installation.publicUrl : server.address,
      viewport: { width: 1280, height: 860 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...more,
    });
    contexts.push(context);
    const page = await context.newPage();
    // What goes wrong in the page is the test's failure, not a line in a console nobody reads.
    page.on('pageerror', (error) => {
      throw error;
    });
    return page;
  };
  return {
    server,
    async company(name = 'Halden Rail', more = {}) {
      companies += 1;
      const email = `ana.ruiz${companies}@halden.example`;
      const made = await server.operator.call(createAccount, {
        body: {
          name,
          domainIdentifier: `company-${companies}.example`,
          administrator: { name: 'Ana Ruiz', email },
          overrideReason: 'All companies of these tests have addresses at one domain',
          ...more,
        },
      });
      await server
        .client()
        .call(acceptInvitation, { body: { token: made.invitationLink ?? '', name: 'Ana Ruiz', password } });
      return {
        email,
        accountId: made.account.accountId,
        defaultVirtualAccountId: made.defaultVirtualAccountId,
      };
    },
    async member(accountId, role, scope = { kind: 'account' }) {
      members += 1;
      const email = `${role}${members}@halden.example`;
      const administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
      const { invitationLink } = await administrator.call(grantRole, {
        params: { accountId },
        body: { email, role, scope },
      });
      await server
        .client()
        .call(acceptInvitation, { body: { token: invitationLink ?? '', name: 'Max Moser', password } });
      return { email };
    },
    async operator() {
      const email = 'ola.berg@publisher.example';
      const link = await createSetupLink(server.db, {
        now: server.clock.now(),
        newId: () => randomUUIDv7(),
        publicUrl: server.address,
      });
      await server.client().call(setUp, { body: { token: link ?? '', name: 'Ola Berg', email, password } });
      return { email };
    },
    async signedIn({ email }, more) {
      const page = await open(more);
      await page.goto('/sign-in');
      await page.getByLabel('Mail address').fill(email);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
      return page;
    },
    page: open,
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await server.close();
    },
  };
}
