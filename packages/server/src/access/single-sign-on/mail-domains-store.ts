import { sql } from 'kysely';
import type { Trx } from '../../database/database.ts';

export interface MailDomainRow {
  accountId: string;
  mailDomainId: string;
  domain: string;
  proofText: string;
  addedBy: string;
  addedAt: Temporal.Instant;
  checkedAt: Temporal.Instant | null;
  provedAt: Temporal.Instant | null;
}

const mailDomains = (trx: Trx, accountId: string) =>
  trx
    .selectFrom('mail_domains')
    .select([
      'account_id as accountId',
      'mail_domain_id as mailDomainId',
      'domain',
      'proof_text as proofText',
      'added_by as addedBy',
      'added_at as addedAt',
      'checked_at as checkedAt',
      'proved_at as provedAt',
    ])
    .where('account_id', '=', accountId);

export const loadMailDomains = (trx: Trx, accountId: string): Promise<MailDomainRow[]> =>
  mailDomains(trx, accountId).orderBy('domain').execute();

export const findMailDomain = (
  trx: Trx,
  accountId: string,
  mailDomainId: string,
): Promise<MailDomainRow | undefined> =>
  mailDomains(trx, accountId).where('mail_domain_id', '=', mailDomainId).executeTakeFirst();

export async function insertMailDomain(
  trx: Trx,
  row: Omit<MailDomainRow, 'checkedAt' | 'provedAt'>,
): Promise<void> {
  await trx
    .insertInto('mail_domains')
    .values({
      account_id: row.accountId,
      mail_domain_id: row.mailDomainId,
      domain: row.domain,
      proof_text: row.proofText,
      added_by: row.addedBy,
      added_at: row.addedAt,
      checked_at: null,
      proved_at: null,
    })
    .execute();
}

/** One proof at a time of a domain, over all accounts and servers. */
const lockDomain = (trx: Trx, domain: string) =>
  sql`select pg_advisory_xact_lock(hashtext(${`mail domain ${domain}`}))`.execute(trx);

/** Notes that the record of a domain was found; false where another account has proved the domain. */
export async function noteProof(
  trx: Trx,
  { accountId, mailDomainId, domain }: Pick<MailDomainRow, 'accountId' | 'mailDomainId' | 'domain'>,
  now: Temporal.Instant,
): Promise<boolean> {
  await lockDomain(trx, domain);
  const other = await trx
    .selectFrom('mail_domains')
    .select('account_id')
    .where('domain', '=', domain)
    .where('proved_at', 'is not', null)
    .where('account_id', '<>', accountId)
    .executeTakeFirst();
  if (other !== undefined) return false;
  await trx
    .updateTable('mail_domains')
    .set({ checked_at: now, proved_at: sql`coalesce(proved_at, ${now}::timestamptz)` })
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .execute();
  return true;
}

/** Removes a domain with its setting and identities. Returns how many identities there were. */
export async function deleteMailDomain(trx: Trx, accountId: string, mailDomainId: string): Promise<number> {
  const removed = await trx
    .deleteFrom('identities')
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .executeTakeFirst();
  await trx
    .deleteFrom('mail_domains')
    .where('account_id', '=', accountId)
    .where('mail_domain_id', '=', mailDomainId)
    .execute();
  return Number(removed.numDeletedRows);
}
