import { randomUUIDv7 } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  exportPrivatePem,
  exportPublicJwk,
  generateKeyPair,
  importKeyPair,
} from '@estover/protocol/signing';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Network } from '../outbound/index.ts';
import type { Installation, PublicMailDomains } from './installation.ts';
import { keyIdOf } from './key-id.ts';
import { openSealed } from './open-sealed.ts';
import type { Seal } from './seal.ts';
import { createSigningKeys, lockInstallation } from './signing-keys.ts';

/** The certificate authority lives for 20 years, in hours. */
const authorityHours = 20 * 365 * 24;

const authorityPurpose = 'signing-key:certificate-authority';

export interface InstallationOptions {
  seal: Seal;
  /** Asked each time, because a server on a free port knows it only once it listens. */
  publicUrl(): string;
  version: string;
  now: Temporal.Instant;
  publicMailDomains?: PublicMailDomains;
  /** Networks that may be reached beside the public Internet. */
  outboundAllow?: readonly Network[];
  saml?: boolean;
  /** How TXT records are looked up; the system's name servers if not given. */
  resolveTxt?: Installation['resolveTxt'];
}

/**
 * Reads the installation's id and keys; the very first start makes them, whichever server is first. Private keys lie
 * sealed in the database.
 *
 * @throws InstallationError when the encryption key is not the one they were sealed with
 */
export async function loadInstallation(db: Database, options: InstallationOptions): Promise<Installation> {
  const { seal, now } = options;
  const { installationId, epoch, certificateAuthority } = await inTransaction(db, async (trx) => {
    await trx
      .insertInto('installation')
      .values({ installation_id: randomUUIDv7(), created_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await lockInstallation(trx);
    const { installation_id, epoch } = await trx
      .selectFrom('installation')
      .select(['installation_id', 'epoch'])
      .executeTakeFirstOrThrow();
    return {
      installationId: installation_id,
      epoch,
      certificateAuthority:
        (await readAuthority(trx, seal)) ?? (await makeAuthority(trx, seal, installation_id, now)),
    };
  });
  const signingKeys = createSigningKeys(db, seal);
  await signingKeys.current(now);
  return {
    ...seal,
    installationId,
    epoch,
    version: options.version,
    outboundAllow: options.outboundAllow ?? [],
    publicMailDomains: options.publicMailDomains ?? { added: new Set(), removed: new Set() },
    saml: options.saml ?? false,
    resolveTxt: options.resolveTxt ?? askNameServers,
    get publicUrl() {
      return options.publicUrl();
    },
    certificateAuthority,
    signingKeys,
  };
}

/** Somebody waits for the answer, and a transaction with them. */
const askNameServers: Installation['resolveTxt'] = (name) =>
  new Resolver({ timeout: 2_000, tries: 2 }).resolveTxt(name);

async function readAuthority(trx: Trx, seal: Seal): Promise<CertificateAuthority | undefined> {
  const row = await trx
    .selectFrom('signing_keys')
    .select(['certificate', 'private_key_sealed as sealed'])
    .where('purpose', '=', 'certificate-authority')
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  if (row === undefined || row.certificate === null) return undefined;
  return {
    certificate: new Uint8Array(row.certificate),
    keys: importKeyPair(openSealed(seal, authorityPurpose, row.sealed)),
  };
}

async function makeAuthority(
  trx: Trx,
  seal: Seal,
  installationId: string,
  now: Temporal.Instant,
): Promise<CertificateAuthority> {
  const keys = generateKeyPair();
  const notAfter = now.add({ hours: authorityHours });
  const authority = await createCertificateAuthority({
    commonName: `Estover ${installationId}`,
    keys,
    // An instance whose clock is behind within the tolerance must find the authority valid at once.
    notBefore: now.subtract({ hours: 24 }),
    notAfter,
  });
  await trx
    .insertInto('signing_keys')
    .values({
      kid: keyIdOf(keys.publicKey),
      purpose: 'certificate-authority',
      certificate: Buffer.from(authority.certificate),
      public_key: JSON.stringify(exportPublicJwk(keys.publicKey)),
      private_key_sealed: seal.seal(authorityPurpose, exportPrivatePem(keys.privateKey)),
      created_at: now,
      sign_until: notAfter,
      verify_until: notAfter,
    })
    .execute();
  return authority;
}
