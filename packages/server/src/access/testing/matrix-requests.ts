import {
  askAboutAccountRequest,
  confirmAccountRequest,
  inviteOrderContact,
  listAccountRequests,
  listMails,
  openMail,
  publishAgreement,
  requestAccount,
} from '@estover/protocol';
import type { TestServer } from '../../testing/index.ts';

/** Requests for accounts in the states in which something can be done with them. */
export interface MatrixRequests {
  /** The requester's link to one that is not confirmed yet. */
  requestLink: string;
  /** The approver's link to one that waits for them. */
  acceptanceLink: string;
  /** One that waits for an operator. */
  requestId: string;
  /** The requester's link to one about which an operator asked something. */
  questionLink: string;
  /** Hash of the version of the terms that every account is asked to accept. */
  textHash: string;
  /** The link of the contact of orders that wait for an account. */
  orderLink: string;
}

/** Makes them through the API; there is no mail server, so the links are read in the outbox. */
export async function makeRequests(server: TestServer): Promise<MatrixRequests> {
  const linkFor = async (recipient: string): Promise<string> => {
    const { items } = await server.operator.call(listMails, { query: { search: recipient } });
    const { text } = await server.operator.call(openMail, { params: { mailId: items[0]?.mailId ?? '' } });
    return /\S+#es[ao]\S+/.exec(text)?.[0] ?? '';
  };
  const ask = async (name: string, prefix = ''): Promise<string> => {
    const email = `ana@${name}.example`;
    await server.client().call(requestAccount, {
      body: {
        companyName: name,
        mailDomain: `${name}.example`,
        prefix,
        justification: 'Its own books',
        requester: { name: 'Ana', email },
      },
    });
    return linkFor(email);
  };
  const confirm = (token: string) => server.client().call(confirmAccountRequest, { body: { token } });
  const requestLink = await ask('unconfirmed');
  await confirm(await ask('confirmed'));
  await confirm(await ask('prefixed', 'lab'));
  const { items } = await server.operator.call(listAccountRequests, { query: { state: 'under-review' } });
  await confirm(await ask('questioned', 'lab'));
  const questioned = await server.operator.call(listAccountRequests, { query: { search: 'questioned' } });
  await server.operator.call(askAboutAccountRequest, {
    params: { requestId: questioned.items[0]?.requestId ?? '' },
    body: { question: 'Whose books are these?' },
  });
  const { version } = await server.operator.call(publishAgreement, {
    body: { agreement: 'terms', title: 'Terms', text: 'New terms' },
  });
  const contact = { name: 'Bo', email: 'bo@ordering.example' };
  await server.operator.call(inviteOrderContact, { body: { companyName: 'Ordering', contact } });
  return {
    requestLink,
    acceptanceLink: await linkFor('ana@confirmed.example'),
    requestId: items[0]?.requestId ?? '',
    questionLink: await linkFor('ana@questioned.example'),
    textHash: version.textHash,
    orderLink: await linkFor(contact.email),
  };
}
