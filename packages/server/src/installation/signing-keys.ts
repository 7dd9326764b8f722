import type { KeyObject } from 'node:crypto';
import type { SigningKey } from '@estover/protocol/device';
import { exportPrivatePem, exportPublicJwk, generateKeyPair, importKeyPair } from '@estover/protocol/signing';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { keyIdOf } from './key-id.ts';
import { openSealed } from './open-sealed.ts';
import type { Seal } from './seal.ts';

/** How long keys live, in hours (days are 24 hours). Instances fetch the trust again when they meet an unknown key. */
export const signingKeyHours = {
  /** A key may sign for a year … */
  sign: 365 * 24,
  /** … and is replaced a month before that, so that a server that was off for long still has one … */
  renewBefore: 30 * 24,
  /** … and what it signed is believed for 90 days more, the longest an authorization lasts. */
  verifyLonger: 90 * 24,
} as const;

/** Another server may have rotated the keys: what is known is this old at most. */
const knownForSeconds = 60;

export const documentsPurpose = 'signing-key:documents';

export interface DocumentSigningKey {
  keyId: string;
  privateKey: KeyObject;
}

/** The keys that sign answers, as this server knows them now. */
export interface SigningKeys {
  /** The key that signs at this instant. */
  current(now: Temporal.Instant): Promise<DocumentSigningKey>;
  /** All keys whose signatures are to be believed at this instant, as the trust document shows them. */
  trusted(now: Temporal.Instant): Promise<SigningKey[]>;
  /** Forgets what is known, so that the next call reads the keys again. */
  forget(): void;
}

interface KeyRow {
  kid: string;
  publicJwk: { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  sealed: string;
  signUntil: Temporal.Instant;
  verifyUntil: Temporal.Instant;
}

const before = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) < 0;

/** Keys out of the database, remembered for a minute. A key whose time is nearly over is replaced on the way. */
export function createSigningKeys(db: Database, seal: Seal): SigningKeys {
  let known: { at: Temporal.Instant; keys: KeyRow[]; current: DocumentSigningKey } | undefined;
  let reading: Promise<NonNullable<typeof known>> | undefined;

  const read = async (now: Temporal.Instant): Promise<NonNullable<typeof known>> => {
    let keys = await readKeys(db, now);
    const newest = keys[0];
    const due = newest?.signUntil.subtract({ hours: signingKeyHours.renewBefore });
    if (due === undefined || before(due, now)) {
      await inTransaction(db, async (trx) => {
        await lockInstallation(trx);
        const [latest] = await readKeys(trx, now);
        // Another server may have been first.
        if (latest === undefined || latest.kid === newest?.kid) await replaceKey(trx, seal, now);
      });
      keys = await readKeys(db, now);
    }
    const signing = keys.find((key) => before(now, key.signUntil));
    if (signing === undefined) throw new Error('there is no signing key right after one was made');
    const current =
      known?.current.keyId === signing.kid
        ? known.current
        : {
            keyId: signing.kid,
            privateKey: importKeyPair(openSealed(seal, documentsPurpose, signing.sealed)).privateKey,
          };
    known = { at: now, keys, current };
    return known;
  };

  const fresh = async (now: Temporal.Instant): Promise<NonNullable<typeof known>> => {
    if (known !== undefined && Math.abs(now.since(known.at).total('seconds')) < knownForSeconds) return known;
    reading ??= read(now).finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    current: async (now) => (await fresh(now)).current,
    trusted: async (now) =>
      (await fresh(now)).keys.map((key) => ({
        ...key.publicJwk,
        kid: key.kid,
        alg: 'ES256' as const,
        use: 'sig' as const,
        notAfter: key.verifyUntil.toString(),
      })),
    forget() {
      known = undefined;
    },
  };
}

/**
 * Makes a new signing key and ends the signing of the ones before; what they signed is believed for 90 days more. Other
 * servers follow within a minute. Returns the new key's id.
 */
export async function rotateSigningKey(db: Database, seal: Seal, now: Temporal.Instant): Promise<string> {
  return inTransaction(db, async (trx) => {
    await lockInstallation(trx);
    return replaceKey(trx, seal, now);
  });
}

/** Everything about keys happens under this row, so that two servers never make one each. */
export async function lockInstallation(trx: Trx): Promise<void> {
  await sql`select 1 from installation for update`.execute(trx);
}

/** Newest first; those whose signatures are not believed any more are left out. */
async function readKeys(trx: Pick<Trx, 'selectFrom'>, now: Temporal.Instant): Promise<KeyRow[]> {
  const rows = await trx
    .selectFrom('signing_keys')
    .select([
      'kid',
      'public_key as publicJwk',
      'private_key_sealed as sealed',
      'sign_until as signUntil',
      'verify_until as verifyUntil',
    ])
    .where('purpose', '=', 'documents')
    .where('verify_until', '>', now)
    .orderBy('sign_until', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => ({ ...row, publicJwk: row.publicJwk as KeyRow['publicJwk'] }));
}

async function replaceKey(trx: Trx, seal: Seal, now: Temporal.Instant): Promise<string> {
  await trx
    .updateTable('signing_keys')
    .set({ sign_until: now, verify_until: now.add({ hours: signingKeyHours.verifyLonger }) })
    .where('purpose', '=', 'documents')
    .where('sign_until', '>', now)
    .execute();
  const keys = generateKeyPair();
  const kid = keyIdOf(keys.publicKey);
  const signUntil = now.add({ hours: signingKeyHours.sign });
  await trx
    .insertInto('signing_keys')
    .values({
      kid,
      purpose: 'documents',
      certificate: null,
      public_key: JSON.stringify(exportPublicJwk(keys.publicKey)),
      private_key_sealed: seal.seal(documentsPurpose, exportPrivatePem(keys.privateKey)),
      created_at: now,
      sign_until: signUntil,
      verify_until: signUntil.add({ hours: signingKeyHours.verifyLonger }),
    })
    .execute();
  return kid;
}
