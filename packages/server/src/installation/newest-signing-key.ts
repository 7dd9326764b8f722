import type { KeyObject } from 'node:crypto';
import { importKeyPair, type KeyPair } from '@estover/protocol/signing';
import type { Trx } from '../database/database.ts';
import { openSealed } from './open-sealed.ts';
import type { Seal } from './seal.ts';
import { documentsPurpose } from './signing-keys.ts';

/** The newest signing key as it is stored, opened; undefined before the first start. */
export async function newestSigningKey(
  trx: Trx,
  seal: Seal,
): Promise<{ keyId: string; sealed: string; privateKey: KeyObject } | undefined> {
  const row = await trx
    .selectFrom('signing_keys')
    .select(['kid', 'private_key_sealed as sealed'])
    .where('purpose', '=', 'documents')
    .orderBy('sign_until', 'desc')
    .orderBy('kid')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    keyId: row.kid,
    sealed: row.sealed,
    privateKey: openSigningKey(seal, row.sealed).privateKey,
  };
}

/**
 * Opens a signing key that was stored sealed. Only who has the encryption key can have sealed it, so its signature
 * proves that.
 *
 * @throws InstallationError when it was sealed with another encryption key, or by nobody who had one
 */
export function openSigningKey(seal: Seal, sealed: string): KeyPair {
  return importKeyPair(openSealed(seal, documentsPurpose, sealed));
}
