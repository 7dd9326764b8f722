import { sql } from 'kysely';
import { raiseAlerts } from '../alerts/index.ts';
import { type EventRow, recordEvents } from '../audit/record-event.ts';
import type { Trx } from '../database/database.ts';
import { systemActor } from '../edge/context.ts';
import { endConfirmations, endMails } from '../notifications/index.ts';
import type { Replaced } from './clear-target.ts';
import type { Manifest } from './manifest.ts';
import { type SecretToCheck, secretsToCheck } from './secrets-to-check.ts';

/** What a restore came to. */
export interface Restored {
  installationId: string;
  /** The installation whose place was taken, if there was one. */
  replaced: string | null;
  takenAt: string;
  epoch: number;
  rows: number;
  /** Registration tokens that were ended because nobody knows how often they were used since the backup. */
  endedTokens: number;
  /** What works as it did at the time of the backup, also if it was revoked since. */
  secretsToCheck: SecretToCheck[];
}

interface Facts {
  manifest: Manifest;
  replaced: Replaced | null;
  now: Temporal.Instant;
  newId: () => string;
}

interface EndedToken {
  accountId: string;
  tokenId: string;
  virtualAccountId: string;
  prefix: string;
  uses: number;
  maximumUses: number;
}

/**
 * Makes a restored installation fit to go on: raises its epoch, and ends what may have been spent or taken back since
 * the backup, because the backup does not know (docs/decisions/0008). Registration tokens with a number of uses,
 * invitations, set-up links and links of requests for accounts and of contacts of orders could be used twice; sessions
 * may have been signed out; mails may have been sent. Tokens are told to their accounts by alerts, and everything by events.
 */
export async function afterRestore(trx: Trx, facts: Facts): Promise<Restored> {
  const { manifest, replaced, now, newId } = facts;
  const epoch = nextEpoch(Math.max(manifest.epoch, replaced?.epoch ?? 0), now);
  await trx.updateTable('installation').set({ epoch }).execute();
  await trx.deleteFrom('sessions').execute();
  await trx.deleteFrom('verifications').execute();
  await trx.deleteFrom('sign_in_challenges').execute();
  await trx.updateTable('one_time_links').set({ used_at: now }).where('used_at', 'is', null).execute();
  await trx.deleteFrom('password_reset_requests').execute();
  await trx.deleteFrom('account_request_links').execute();
  await trx.updateTable('order_contacts').set({ secret_hash: null }).execute();
  await trx.deleteFrom('single_sign_on_flows').execute();
  await trx.deleteFrom('mail_proofs').execute();
  await endMails(trx, now);
  await endConfirmations(trx);
  const ended = await endLimitedTokens(trx, now);
  const places = [...Map.groupBy(ended, (token) => `${token.accountId}/${token.virtualAccountId}`).values()];
  await raiseAlerts(
    { trx, now, newId },
    places.flatMap((tokens) => {
      const [first] = tokens;
      if (first === undefined) return [];
      return [
        {
          accountId: first.accountId,
          kind: 'tokens-ended-by-restore' as const,
          severity: 'minor' as const,
          cause: first.virtualAccountId,
          virtualAccountId: first.virtualAccountId,
          licenseId: null,
          instanceId: null,
          lotId: null,
          quantity: tokens.length,
          facts: { takenAt: manifest.takenAt },
          actionDueAt: null,
        },
      ];
    }),
  );
  await recordEvents(trx, await eventsOf(trx, facts, epoch, ended));
  return {
    installationId: manifest.installationId,
    replaced: replaced?.installationId ?? null,
    takenAt: manifest.takenAt,
    epoch,
    rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
    endedTokens: ended.length,
    secretsToCheck: await secretsToCheck(trx, now),
  };
}

/**
 * Higher than every epoch before, and another one when the same backup is restored again elsewhere: after its first
 * restore an installation counts its epochs in minutes since 1970.
 */
function nextEpoch(before: number, now: Temporal.Instant): number {
  return Math.max(before + 1, Math.floor(now.epochMilliseconds / 60_000));
}

async function endLimitedTokens(trx: Trx, now: Temporal.Instant): Promise<EndedToken[]> {
  const { rows } = await sql<EndedToken>`
    update registration_tokens set revoked_at = ${now}
     where revoked_at is null and expires_at > ${now} and maximum_uses is not null and uses < maximum_uses
    returning account_id as "accountId", token_id as "tokenId", virtual_account_id as "virtualAccountId", prefix, uses,
              maximum_uses as "maximumUses"`.execute(trx);
  return rows;
}

async function eventsOf(
  trx: Trx,
  { manifest, replaced, now, newId }: Facts,
  epoch: number,
  ended: readonly EndedToken[],
): Promise<EventRow[]> {
  const { installationId, takenAt } = manifest;
  const common = () => ({
    eventId: newId(),
    at: now,
    actor: systemActor,
    operation: 'restoreBackup',
    from: null,
    requestId: null,
  });
  const accounts = await trx
    .selectFrom('accounts')
    .select('account_id as id')
    .orderBy('account_id')
    .execute();
  const told = `restored the installation from its backup of ${takenAt}`;
  const change = { before: { epoch: manifest.epoch }, after: { epoch, takenAt } };
  return [
    {
      ...common(),
      accountId: null,
      objectKind: 'installation',
      objectId: installationId,
      message:
        replaced === null
          ? `${told}; sessions, invitations and limited registration tokens were ended`
          : `${told} in the place of installation ${replaced.installationId}; sessions, invitations and limited registration tokens were ended`,
      ...change,
    },
    ...accounts.map(({ id }) => ({
      ...common(),
      accountId: id,
      objectKind: 'account',
      objectId: id,
      message: `${told}; what happened after it is not known any more`,
      ...change,
    })),
    ...ended.map(({ accountId, tokenId, virtualAccountId, prefix, uses, maximumUses }) => ({
      ...common(),
      accountId,
      objectKind: 'token',
      objectId: tokenId,
      virtualAccountId,
      message: `ended the registration token ${prefix}: how many of its ${maximumUses} uses were taken since the backup is not known`,
      before: { uses, maximumUses },
      after: { revoked: true },
    })),
  ];
}
