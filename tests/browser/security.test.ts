import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode } from '../../packages/server/src/access/totp.ts';
import { seriousFindings } from './axe.ts';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), atLocalhost: true });
  ana = await test.company();
  page = await test.signedIn(ana);
  page.setDefaultTimeout(10_000);
}, 120_000);
afterAll(() => test?.close());

const dialog = (name?: string) => page.getByRole('dialog', name === undefined ? {} : { name });
const go = async () => {
  await page.goto('/security');
  await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
};
const region = (name: string) => page.getByRole('region', { name });

/** Gives the browser a page is in an authenticator that recognizes its person. */
async function giveAuthenticator(to: Page): Promise<CDPSession> {
  const session = await to.context().newCDPSession(to);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return session;
}

describe('sessions', () => {
  it('are listed with the browser in words, and one is ended at once', async () => {
    const other = await test.signedIn(ana, {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
    });
    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Security' }).click();
    await page.getByText('You are signed in at 2 places.').waitFor();
    await page.getByRole('row', { name: /^Chrome on Linux.*This one$/ }).waitFor();
    await page.getByRole('button', { name: 'End the session of Firefox on Linux' }).click();
    await page.getByText('The session of Firefox on Linux has ended.').waitFor();
    await page.getByText('You are signed in at 1 place.').waitFor();
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('end all at once but this one', async () => {
    const others = [await test.signedIn(ana), await test.signedIn(ana)];
    await go();
    await page.getByRole('button', { name: 'End all others…' }).click();
    await dialog().getByRole('button', { name: 'End 2 sessions' }).click();
    await page.getByText('2 sessions ended. You stay signed in here.').waitFor();
    for (const other of others) {
      await other.reload();
      await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    }
    const all = page.getByRole('button', { name: 'End all others…' });
    await all.waitFor();
    expect(await all.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('codes', () => {
  let secret: string;
  let recoveryCodes: string[];
  /** The code of the next 30 seconds, which was not used yet. */
  const nextCode = () => {
    test.server.clock.advance({ seconds: 30 });
    return totpCode(secret, test.server.clock.now());
  };
  const enter = async (to: Page) => {
    await to.goto('/sign-in');
    await to.getByLabel('Mail address').fill(ana.email);
    await to.getByRole('button', { name: 'Go on' }).click();
    await to.getByLabel('Password', { exact: true }).fill(password);
    await to.getByRole('button', { name: 'Sign in' }).click();
    await to.getByRole('heading', { name: 'One more step' }).waitFor();
  };

  it('are turned on with the password, a picture or the secret, and the first code', async () => {
    await go();
    await region('Codes at sign-in').getByRole('button', { name: 'Turn on…' }).click();
    await dialog().getByLabel('Password', { exact: true }).fill('not this one, surely');
    await dialog().getByRole('button', { name: 'Show the secret' }).click();
    await dialog().getByRole('alert').getByText('The password is wrong').waitFor();
    await dialog().getByLabel('Password', { exact: true }).fill(password);
    await dialog().getByRole('button', { name: 'Show the secret' }).click();
    await dialog()
      .getByRole('img', { name: /^The secret, for the camera/ })
      .waitFor();
    secret = ((await dialog().locator('code').textContent()) ?? '').replaceAll(' ', '');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    await dialog().getByLabel('Code that the app shows now').fill('000000');
    await dialog().getByRole('button', { name: 'Turn on' }).click();
    await dialog().getByRole('alert').getByText('The code is wrong or was used already').waitFor();
    await dialog()
      .getByLabel('Code that the app shows now')
      .fill(await nextCode());
    await dialog().getByRole('button', { name: 'Turn on' }).click();
    await dialog('Your recovery codes').waitFor();
    recoveryCodes = await dialog().getByRole('listitem').allTextContents();
    expect(recoveryCodes).toHaveLength(10);
    await dialog().getByRole('button', { name: 'I have kept them' }).click();
    await region('Codes at sign-in').getByText('10 recovery codes left').waitFor();
    expect(await page.content()).not.toContain(recoveryCodes[0]);
  });

  it('are asked for at sign-in, and a recovery code does as well', async () => {
    const other = await test.page();
    await enter(other);
    expect(await seriousFindings(other)).toEqual([]);
    await other.getByLabel('Code').fill('000000');
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('alert').getByText('The code is wrong or was used already').waitFor();
    await other.getByLabel('Code').fill(await nextCode());
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    const third = await test.page();
    await enter(third);
    await third.getByLabel('Code').fill(recoveryCodes[0] ?? '');
    await third.getByRole('button', { name: 'Sign in' }).click();
    await third.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await go();
    await region('Codes at sign-in').getByText('9 recovery codes left').waitFor();
  });

  it('prove again who it is, before an API key is made', async () => {
    test.server.clock.advance({ minutes: 20 });
    await page.goto(`/accounts/${ana.accountId}/api-keys`);
    await page.getByRole('button', { name: 'New API client…' }).first().click();
    await dialog().getByLabel('Name').fill('ERP bridge');
    await dialog().getByRole('button', { name: 'Make client ERP bridge' }).click();
    const asked = dialog('Is it still you?');
    await asked.getByRole('button', { name: 'Cancel' }).click();
    await dialog('New API client').getByRole('alert').getByText('Prove again who you are').waitFor();
    await dialog().getByRole('button', { name: 'Make client ERP bridge' }).click();
    await asked.getByLabel('Password', { exact: true }).fill('not this one, surely');
    await asked.getByRole('button', { name: 'Go on' }).click();
    await asked.getByRole('alert').getByText('The password is wrong').waitFor();
    await asked.getByRole('button', { name: 'Use a code instead' }).click();
    await asked.getByLabel('Code of your app, or a recovery code').fill(await nextCode());
    await asked.getByRole('button', { name: 'Go on' }).click();
    await dialog('The client ERP bridge is made').waitFor();
    const keys = await test.server.db
      .selectFrom('api_keys')
      .select('name')
      .where('account_id', '=', ana.accountId)
      .where('name', '=', 'ERP bridge')
      .execute();
    expect(keys).toHaveLength(1);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
  });

  it('are turned off with password and code', async () => {
    await go();
    await region('Codes at sign-in').getByRole('button', { name: 'Turn off…' }).click();
    const act = dialog().getByRole('button', { name: 'Turn off' });
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByLabel('Password', { exact: true }).fill(password);
    await dialog()
      .getByLabel('Code of your app, or a recovery code')
      .fill(await nextCode());
    await act.click();
    await page.getByText('Sign-in does not ask for a code any more.').waitFor();
    await region('Codes at sign-in').getByRole('button', { name: 'Turn on…' }).waitFor();
  });
});

describe('a passkey', () => {
  it('is added, signs in, is renamed, proves again who it is, and is removed', async () => {
    const authenticator = await giveAuthenticator(page);
    await go();
    await page.getByRole('button', { name: 'Add a passkey…' }).click();
    await dialog().getByLabel('Name').fill('Work laptop');
    await dialog().getByRole('button', { name: 'Add the passkey' }).click();
    await page.getByText('Work laptop signs you in from now on.').waitFor();
    await page.getByRole('row', { name: /^Work laptop never/ }).waitFor();

    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();

    await go();
    await page.getByRole('button', { name: 'Rename Work laptop' }).click();
    await dialog().getByLabel('Name').fill('Old laptop');
    await dialog().getByRole('button', { name: 'Rename' }).click();
    test.server.clock.advance({ minutes: 20 });
    await page.getByRole('button', { name: 'Remove Old laptop' }).click();
    await dialog().getByRole('button', { name: 'Remove Old laptop' }).click();
    await dialog('Is it still you?').getByRole('button', { name: 'Use a passkey instead' }).click();
    await page.getByText('Old laptop does not sign you in any more.').waitFor();
    await page.getByText('There is no passkey yet').waitFor();

    // The device still has it; here nobody knows it any more.
    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('alert').getByText('The passkey could not be checked').waitFor();
    await authenticator.send('WebAuthn.disable');
  });
});

describe('the page', () => {
  it.each([1280, 400])(
    'has nothing serious and does not scroll sideways, %d pixels wide',
    async (width) => {
      const looked = await test.signedIn(ana, { viewport: { width, height: 860 } });
      await test.signedIn(ana);
      await giveAuthenticator(looked);
      await looked.goto('/security');
      await looked.getByRole('button', { name: 'Add a passkey…' }).click();
      await looked.getByRole('button', { name: 'Add the passkey' }).click();
      await looked
        .getByRole('button', { name: /^Remove / })
        .first()
        .waitFor();
      const findings = await lookAt(looked, [
        { name: 'security', path: `/accounts/${ana.accountId}/security` },
        {
          name: 'security set up codes',
          path: '/security',
          act: async (on) => {
            await press('Turn on…')(on);
            await on.getByRole('dialog').getByLabel('Password', { exact: true }).fill(password);
            await on.getByRole('button', { name: 'Show the secret' }).click();
            await on.getByRole('img', { name: /^The secret/ }).waitFor();
          },
        },
        {
          name: 'security is it you',
          path: `/accounts/${ana.accountId}/api-keys`,
          act: async (on) => {
            test.server.clock.advance({ minutes: 20 });
            await press('New API client…')(on);
            await on.getByRole('dialog').getByLabel('Name').fill('Another');
            await on.getByRole('button', { name: 'Make client Another' }).click();
            await on.getByRole('dialog', { name: 'Is it still you?' }).waitFor();
          },
        },
      ]);
      expect(findings).toEqual([]);
    },
    120_000,
  );
});
