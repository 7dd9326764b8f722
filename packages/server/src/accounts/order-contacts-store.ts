import { randomBytes } from 'node:crypto';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import { hashSecret } from '../access/index.ts';
import type { Database, Trx } from '../database/database.ts';

const secretPrefix = 'esoc_';
const linkDays = 90;

/** Who was asked which account the orders of a pending account are for. */
export interface OrderContact {
  /** The pending account. */
  accountId: string;
  companyName: string;
  contactName: string;
  contactEmail: string;
  endsAt: Temporal.Instant;
}

/** Keeps a contact in place of an earlier one of the account, whose link ends. Answers the new link and its end. */
export async function saveContact(
  trx: Trx,
  contact: Omit<OrderContact, 'companyName' | 'endsAt'> & {
    invitedBy: string;
    now: Temporal.Instant;
    publicUrl: string;
  },
): Promise<{ link: string; endsAt: Temporal.Instant }> {
  const { accountId, now } = contact;
  const secret = formatSecret(secretPrefix, accountId, randomBytes(20));
  const endsAt = now.add({ hours: 24 * linkDays });
  const row = {
    contact_name: contact.contactName,
    contact_email: contact.contactEmail,
    secret_hash: hashSecret(secret),
    ends_at: endsAt,
    invited_by: contact.invitedBy,
    invited_at: now,
  };
  await trx
    .insertInto('order_contacts')
    .values({ account_id: accountId, ...row })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
    .execute();
  return { link: `${contact.publicUrl}/order-account#${secret}`, endsAt };
}

const secretOf = (token: string) => parseSecret(token.slice(token.indexOf('#') + 1), secretPrefix);

/** What calls with a link are counted by, however it was pasted; nothing for what is no link. */
export function contactKeys(token: string): string[] {
  const secret = secretOf(token);
  return secret.ok ? [hashSecret(secret.text).toString('base64')] : [];
}

/**
 * The contact that a link was sent to; undefined for a link that has ended or is another one. `token` is the secret, or
 * the whole link as it was pasted.
 */
export async function findContact(
  trx: Trx,
  token: string,
  now: Temporal.Instant,
): Promise<OrderContact | undefined> {
  const secret = secretOf(token);
  if (!secret.ok) return undefined;
  const { rows } = await sql<OrderContact>`
    select c.account_id as "accountId", a.name as "companyName", c.contact_name as "contactName",
           c.contact_email as "contactEmail", c.ends_at as "endsAt"
      from order_contacts c join accounts a using (account_id)
     where c.secret_hash = ${hashSecret(secret.text)} and c.ends_at > ${now}`.execute(trx);
  return rows[0];
}

export interface WaitingLine {
  orderNumber: string;
  lineNumber: number;
  sku: string;
  productName: string;
  quantity: number;
}

/** Lines that wait for an account, by order and line, at most so many. */
export async function findWaitingLines(trx: Trx, accountId: string, most: number): Promise<WaitingLine[]> {
  const { rows } = await sql<WaitingLine>`
    select o.order_number as "orderNumber", l.line_number as "lineNumber", p.sku, p.name as "productName", l.quantity
      from order_lines l join orders o using (order_id) join products p using (product_id)
     where l.account_id = ${accountId} and l.state = 'on-hold'
     order by o.order_number, l.line_number limit ${most}`.execute(trx);
  return rows;
}

/** Ends what somebody is asked about orders, by their address; the orders wait on. Returns how many. */
export async function deleteContactsOf(trx: Trx, email: string): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from order_contacts where lower(contact_email) = ${email}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/** Forgets who was asked with links that ended before an instant; the orders wait on, and somebody may be asked anew. */
export async function purgeContacts(db: Database, endedBefore: Temporal.Instant): Promise<void> {
  await db.deleteFrom('order_contacts').where('ends_at', '<', endedBefore).execute();
}

export async function renamePending(trx: Trx, accountId: string, name: string): Promise<void> {
  await trx.updateTable('accounts').set({ name }).where('account_id', '=', accountId).execute();
}

/** Removes a pending account whose orders have theirs, with its contact. The caller holds it. */
export async function removePending(trx: Trx, accountId: string): Promise<void> {
  await trx.deleteFrom('order_contacts').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('awaited_accounts').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('virtual_account_ancestry').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('virtual_accounts').where('account_id', '=', accountId).execute();
  await trx
    .deleteFrom('accounts')
    .where('account_id', '=', accountId)
    .where('status', '=', 'pending')
    .execute();
}
