import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** A secret that works in a restored installation, and would work again if it was revoked since the backup. */
export interface SecretToCheck {
  kind: 'registration token' | 'API key';
  /** The description of a token, the name of a key, as people gave it. */
  name: string;
  /** Its first characters, as lists show them. */
  prefix: string;
  /** Null for keys of the platform. */
  accountName: string | null;
}

/**
 * The registration tokens and API keys that work now. A backup does not know which of them were revoked after it, so
 * somebody has to look (docs/decisions/0008). By account and kind; tokens that a restore ended are not among them.
 */
export async function secretsToCheck(trx: Trx, now: Temporal.Instant): Promise<SecretToCheck[]> {
  const { rows } = await sql<SecretToCheck>`
    select secrets.kind, secrets.name, prefix, accounts.name as "accountName"
      from (select 'registration token' as kind, description as name, prefix, account_id, created_at
              from registration_tokens
             where revoked_at is null and expires_at > ${now} and (maximum_uses is null or uses < maximum_uses)
             union all
            select 'API key', name, prefix, account_id, created_at
              from api_keys
             where revoked_at is null and (expires_at is null or expires_at > ${now})) secrets
      left join accounts using (account_id)
     order by accounts.name nulls first, secrets.kind, secrets.created_at, prefix`.execute(trx);
  return rows;
}
