import {
  acceptAccount,
  type BodyOf,
  confirmAccountRequest,
  createAccount,
  requestAccount,
} from '@estover/protocol';
import { linkIn, type MailServer, type TestServer } from '../../testing/index.ts';

export const password = 'correct horse battery';

/** The terms at a version, as somebody who accepts them names them. */
export const terms = (version: number) => [{ agreement: 'terms', version }];

/** What somebody asks for, with an address of their own for each, because asking is limited. */
export const askedFor = (company: string, change: Partial<BodyOf<typeof requestAccount>> = {}) => ({
  companyName: company,
  mailDomain: `${company.toLowerCase()}.example`,
  requester: { name: 'Ana Ruiz', email: `ana@${company.toLowerCase()}.example` },
  ...change,
});

/** Asks, and answers the requester's link. Every request is a minute later than the one before. */
export async function ask(
  { server, mails }: { server: TestServer; mails: MailServer },
  body: ReturnType<typeof askedFor>,
): Promise<string> {
  server.clock.advance({ minutes: 20 });
  await server.client().call(requestAccount, { body });
  return linkIn(await mails.take(body.requester.email), '/account-request#esar_');
}

/** Asks and confirms, and answers the approver's link. */
export async function askAndConfirm(
  setting: { server: TestServer; mails: MailServer },
  body: ReturnType<typeof askedFor>,
): Promise<string> {
  const token = await ask(setting, body);
  await setting.server.client().call(confirmAccountRequest, { body: { token } });
  return linkIn(
    await setting.mails.take(body.approverEmail ?? body.requester.email),
    '/accept-account#esaa_',
  );
}

/** Accepts as somebody who chooses a name and a password. */
export const accept = (server: TestServer, token: string, name = 'Ana Ruiz') =>
  server.client().call(acceptAccount, {
    body: { token, agreements: terms(1), person: { name, password } },
  });

/** Lets an account have an identifier that somebody asks for, as one has that was accepted at the same time. */
export async function takeIdentifier(
  { server, mails }: { server: TestServer; mails: MailServer },
  domainIdentifier: string,
  name: string,
): Promise<void> {
  const { account } = await server.operator.call(createAccount, {
    body: {
      name,
      domainIdentifier: `other.${domainIdentifier}`,
      administrator: { name: 'A', email: `boss@${domainIdentifier}` },
    },
  });
  await mails.take(`boss@${domainIdentifier}`);
  await server.db
    .updateTable('accounts')
    .set({ domain_identifier: domainIdentifier })
    .where('account_id', '=', account.accountId)
    .execute();
}
