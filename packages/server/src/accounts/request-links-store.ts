import { randomBytes } from 'node:crypto';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import { hashSecret } from '../access/index.ts';
import type { Trx } from '../database/database.ts';

/** Whose link to a request it is. */
export type LinkOf = 'requester' | 'approver';

const prefixes = { requester: 'esar_', approver: 'esaa_' } as const;
const pages = { requester: '/account-request', approver: '/accept-account' } as const;
/** Of a request there is no account yet. */
const nilAccount = '00000000-0000-0000-0000-000000000000';

/**
 * Makes a link to a request, in place of an earlier one of the same side. The secret stands behind `#`, where no server
 * and no log sees it. How long it is good for, the state of the request says.
 */
export async function makeRequestLink(
  trx: Trx,
  link: { linkOf: LinkOf; requestId: string; now: Temporal.Instant; publicUrl: string },
): Promise<string> {
  const { linkOf, requestId } = link;
  const secret = formatSecret(prefixes[linkOf], nilAccount, randomBytes(20));
  await endRequestLink(trx, requestId, linkOf);
  await trx
    .insertInto('account_request_links')
    .values({
      secret_hash: hashSecret(secret),
      request_id: requestId,
      link_of: linkOf,
      created_at: link.now,
    })
    .execute();
  return `${link.publicUrl}${pages[linkOf]}#${secret}`;
}

/**
 * The request that a link leads to; undefined for a link that has ended or is another one. `token` is the secret, or the
 * whole link as it was pasted.
 */
export async function findLinkedRequest(
  trx: Trx,
  linkOf: LinkOf,
  token: string,
): Promise<string | undefined> {
  const secret = parseSecret(token.slice(token.indexOf('#') + 1), prefixes[linkOf]);
  if (!secret.ok) return undefined;
  const found = await trx
    .selectFrom('account_request_links')
    .select('request_id as requestId')
    .where('secret_hash', '=', hashSecret(secret.text))
    .where('link_of', '=', linkOf)
    .executeTakeFirst();
  return found?.requestId;
}

/** Ends a link that was used. */
export async function endRequestLink(trx: Trx, requestId: string, linkOf: LinkOf): Promise<void> {
  await trx
    .deleteFrom('account_request_links')
    .where('request_id', '=', requestId)
    .where('link_of', '=', linkOf)
    .execute();
}
