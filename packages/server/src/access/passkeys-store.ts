import type { Trx } from '../database/database.ts';

export interface PasskeyRow {
  passkeyId: string;
  name: string;
  createdAt: Temporal.Instant;
  lastUsedAt: Temporal.Instant | null;
}

/** What is needed to check what a passkey signed. */
export interface PasskeyCredential {
  passkeyId: string;
  personId: string;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
}

const listed = [
  'passkey_id as passkeyId',
  'name',
  'created_at as createdAt',
  'last_used_at as lastUsedAt',
] as const;

/** Passkeys of a person, the oldest first. */
export async function listPasskeys(
  trx: Pick<Trx, 'selectFrom'>,
  personId: string,
): Promise<(PasskeyRow & Pick<PasskeyCredential, 'credentialId' | 'transports'>)[]> {
  return trx
    .selectFrom('passkeys')
    .select([...listed, 'credential_id as credentialId', 'transports'])
    .where('person_id', '=', personId)
    .orderBy('passkey_id')
    .execute();
}

/** Takes all passkeys of a person for the rest of the transaction, so that two requests agree on which is the last. */
export async function lockPasskeys(trx: Trx, personId: string): Promise<PasskeyRow[]> {
  return trx
    .selectFrom('passkeys')
    .select(listed)
    .where('person_id', '=', personId)
    .orderBy('passkey_id')
    .forUpdate()
    .execute();
}

export async function insertPasskey(
  trx: Trx,
  passkey: PasskeyCredential & { name: string; now: Temporal.Instant },
): Promise<boolean> {
  const inserted = await trx
    .insertInto('passkeys')
    .values({
      passkey_id: passkey.passkeyId,
      person_id: passkey.personId,
      name: passkey.name,
      credential_id: passkey.credentialId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: passkey.transports,
      created_at: passkey.now,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

/** The passkey that signed, taken for the rest of the transaction because its counter rises. */
export async function lockCredential(trx: Trx, credentialId: string): Promise<PasskeyCredential | undefined> {
  return trx
    .selectFrom('passkeys')
    .select([
      'passkey_id as passkeyId',
      'person_id as personId',
      'credential_id as credentialId',
      'public_key as publicKey',
      'counter',
      'transports',
    ])
    .where('credential_id', '=', credentialId)
    .forUpdate()
    .executeTakeFirst();
}

export async function notePasskeyUse(
  trx: Trx,
  passkeyId: string,
  { counter, now }: { counter: number; now: Temporal.Instant },
): Promise<void> {
  await trx
    .updateTable('passkeys')
    .set({ counter, last_used_at: now })
    .where('passkey_id', '=', passkeyId)
    .execute();
}

export async function setPasskeyName(trx: Trx, passkeyId: string, name: string): Promise<void> {
  await trx.updateTable('passkeys').set({ name }).where('passkey_id', '=', passkeyId).execute();
}

export async function deletePasskey(trx: Trx, passkeyId: string): Promise<void> {
  await trx.deleteFrom('passkeys').where('passkey_id', '=', passkeyId).execute();
}

/** Deletes every passkey of a person. */
export async function deletePasskeysOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('passkeys').where('person_id', '=', personId).execute();
}
