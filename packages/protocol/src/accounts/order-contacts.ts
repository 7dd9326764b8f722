import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, email, instant, orderNumber, sku, text, uuid } from '../shapes.ts';
import { accountRequestState, askedIdentifier, askingRefusals, linkToken } from './request-shapes.ts';
import { account } from './shapes.ts';

/**
 * The order desk asks a customer which account their orders are for. It gets a pending account, for which orders are booked
 * at once and wait; the contact gets a mail with a link, chooses an account of theirs or asks for one, and what has
 * shipped is delivered there. With `accountId` the same account's contact is asked anew, or another one instead.
 */
export const inviteOrderContact = defineOperation({
  name: 'inviteOrderContact',
  capability: 'accounts',
  summary: 'Ask a customer which account orders are for',
  method: 'POST',
  path: '/api/v1/order-contacts',
  permission: { at: 'platform', action: 'manage-orders' },
  body: z.strictObject({
    companyName: text(120),
    contact: z.strictObject({ name: text(120), email }),
    /** A pending account, to ask anew for it. */
    accountId: uuid.optional(),
  }),
  answer: z.object({
    /** For orders: its id goes where an order line names its account. */
    account,
    /** When the link ends. */
    until: instant,
    sendsMail: z.boolean(),
  }),
  refusals: ['account-not-pending'],
});

/** What the contact sees with the link from the mail: the orders that wait, and the request they made for an account. */
export const openOrderContact = defineOperation({
  name: 'openOrderContact',
  capability: 'accounts',
  summary: 'See the orders that wait for an account, with the link from the mail',
  method: 'POST',
  path: '/api/v1/order-contacts/open',
  permission: { at: 'public' },
  body: z.strictObject({ token: linkToken }),
  answer: z.object({
    companyName: z.string(),
    contactName: z.string(),
    contactEmail: z.string(),
    until: instant,
    /** At most 100, by order and line. */
    lines: z.array(
      z.object({ orderNumber, lineNumber: z.int(), sku, productName: z.string(), quantity: amount }),
    ),
    /** The last request for an account that was made from here. */
    request: z
      .object({ state: accountRequestState, domainIdentifier: z.string(), approverEmail: z.string() })
      .nullable(),
  }),
  refusals: ['link-invalid'],
  status: 200,
});

/** Whoever has the link and the right to move licenses in an account takes the orders into it. */
export const takeOrders = defineOperation({
  name: 'takeOrders',
  capability: 'accounts',
  summary: 'Take orders that wait for an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/waiting-orders',
  permission: { at: 'account', action: 'move-inventory' },
  params: z.object({ accountId: uuid }),
  body: z.strictObject({
    token: linkToken,
    /** If none is named, the account's delivery rules choose, as for new orders, and else it is the default one. */
    virtualAccountId: uuid.optional(),
  }),
  answer: z.object({
    /** Order lines that belong to the account now, and how many of them were delivered. */
    lines: amount,
    deliveredLines: amount,
  }),
  refusals: ['link-invalid', 'holding-account', 'unknown-virtual-account'],
  status: 200,
});

/**
 * The contact asks for an account; what waits is delivered into it as soon as it is accepted. Asking anew takes the
 * earlier request back. Limited for each network, link and approver.
 */
export const requestOrderAccount = defineOperation({
  name: 'requestOrderAccount',
  capability: 'accounts',
  summary: 'Ask for an account for orders that wait',
  method: 'POST',
  path: '/api/v1/order-contacts/request-account',
  permission: { at: 'public' },
  body: z.strictObject({
    token: linkToken,
    kind: z.enum(['customer', 'limited-use']).default('customer'),
    ...askedIdentifier,
    /** Who accepts; the contact themselves if left out. */
    approverEmail: email.optional(),
  }),
  answer: z.object({ state: accountRequestState, warnings: z.array(z.enum(['team-alias'])) }),
  refusals: [...askingRefusals, 'link-invalid'],
});
