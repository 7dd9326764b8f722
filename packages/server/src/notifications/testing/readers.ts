import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import type { SubscribedKindName } from '@estover/domain/notifications';
import { grantRole, setMyNotifications } from '@estover/protocol';
import { type SignedInPerson, signedInPerson } from '../../access/testing/signed-in-person.ts';
import { runTermAlerts } from '../../alerts/index.ts';
import type { MailServer, ReceivedMail, SeededAccount, TestServer } from '../../testing/index.ts';
import { runDigests, runNotices } from '../index.ts';

/** Somebody who hears of an account. */
export interface Reader extends SignedInPerson {
  grantId: string;
  /** Chooses a cadence for kinds; `null` is that of the catalogue. */
  choose(
    choices: Partial<Record<SubscribedKindName, 'immediate' | 'daily' | 'weekly' | 'off' | null>>,
  ): Promise<void>;
}

/** A person of the account's own company, with a session and a role. */
export async function makeReader(
  server: TestServer,
  account: SeededAccount,
  role: AccountRole = 'account-user',
  scope: GrantScope = { kind: 'account' },
  until?: string,
): Promise<Reader> {
  const { domain } = await server.db
    .selectFrom('accounts')
    .select('domain_identifier as domain')
    .where('account_id', '=', account.accountId)
    .executeTakeFirstOrThrow();
  const who = await signedInPerson(server, `${randomUUIDv7()}@${domain}`);
  return readerOf(account, who, { role, scope, ...(until === undefined ? {} : { until }) });
}

/** The same of another company. */
export const makePartner = async (
  server: TestServer,
  account: SeededAccount,
  scope: GrantScope,
): Promise<Reader> => readerOf(account, await signedInPerson(server), { role: 'viewer', scope });

async function readerOf(
  { accountId, administrator }: SeededAccount,
  who: SignedInPerson,
  given: { role: AccountRole; scope: GrantScope; until?: string },
): Promise<Reader> {
  const { grant } = await administrator.call(grantRole, {
    params: { accountId },
    body: { email: who.email, ...given },
  });
  return {
    ...who,
    grantId: grant.grantId,
    async choose(choices) {
      await who.browser.client.call(setMyNotifications, {
        params: { accountId },
        body: {
          choices: Object.entries(choices).map(([kind, cadence]) => ({
            kind: kind as SubscribedKindName,
            cadence,
          })),
        },
      });
    },
  };
}

/** Runs the jobs of notifications by the test's clock, and sends what they wrote. */
export async function tellAll(server: TestServer): Promise<void> {
  await runTermAlerts(server.db, server.clock.now(), server.jobDependencies.newId);
  await runNotices(server.jobDependencies);
  await runDigests(server.jobDependencies);
  await server.mailer.sendDue();
}

/** The digests that came to an address since this was asked last, without other mails. */
export function digestsOf(mails: MailServer): (email: string) => ReceivedMail[] {
  const taken = new Set<ReceivedMail>();
  return (email) => {
    const found = mails.received.filter(
      (mail) => mail.to.includes(email) && mail.headers['list-unsubscribe'] !== undefined && !taken.has(mail),
    );
    for (const mail of found) taken.add(mail);
    return found;
  };
}

/** The lines of a digest, without its links. */
export const linesOf = ({ text }: ReceivedMail): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
