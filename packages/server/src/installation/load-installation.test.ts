import { randomBytes } from 'node:crypto';
import { readCertificate } from '@estover/protocol/signing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import {
  createSeal,
  type Installation,
  InstallationError,
  loadInstallation,
  rotateSigningKey,
} from './index.ts';

let database: TestDatabase;
const seal = createSeal(randomBytes(32));
const start = Temporal.Instant.from('2026-11-22T12:00:00Z');
const load = (now = start): Promise<Installation> =>
  loadInstallation(database.db, { seal, publicUrl: () => 'https://x.example', version: '1', now });
const days = (count: number): Temporal.Instant => start.add({ hours: 24 * count });

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

it('is made once, though ten servers start at the same moment', async () => {
  const loaded = await Promise.all(Array.from({ length: 10 }, () => load()));
  const [first] = loaded as [Installation, ...Installation[]];
  for (const one of loaded) {
    expect(one.installationId).toBe(first.installationId);
    expect(one.certificateAuthority.certificate).toEqual(first.certificateAuthority.certificate);
    expect((await one.signingKeys.current(start)).keyId).toBe((await first.signingKeys.current(start)).keyId);
  }
  const rows = await database.db.selectFrom('signing_keys').select('purpose').orderBy('purpose').execute();
  expect(rows.map((row) => row.purpose)).toEqual(['certificate-authority', 'documents']);
});

it('has a certificate authority of 20 years', async () => {
  const { certificateAuthority } = await load();
  const { notAfter } = readCertificate(certificateAuthority.certificate);
  expect(notAfter.since(start).total('hours') / 24).toBe(20 * 365);
});

it('keeps no private key that can be read from the database', async () => {
  await load();
  const rows = await database.db.selectFrom('signing_keys').selectAll().execute();
  for (const row of rows) {
    const text = `${JSON.stringify(row)} ${Buffer.from(row.private_key_sealed, 'base64').toString('latin1')}`;
    expect(text).not.toContain('PRIVATE KEY');
    expect(row.public_key).not.toHaveProperty('d');
  }
});

it('says what to do when the encryption key is another one', async () => {
  await load();
  const other = loadInstallation(database.db, {
    seal: createSeal(randomBytes(32)),
    publicUrl: () => 'https://x.example',
    version: '1',
    now: start,
  });
  await expect(other).rejects.toThrow(InstallationError);
  await expect(other).rejects.toThrow(/ESTOVER_ENCRYPTION_KEY/);
});

it('signs with the new key after a rotation, and trusts the old one for 90 days more', async () => {
  const here = await load();
  const elsewhere = await load();
  const old = (await here.signingKeys.current(start)).keyId;
  const made = await rotateSigningKey(database.db, seal, start);
  here.signingKeys.forget();
  expect((await here.signingKeys.current(start)).keyId).toBe(made);
  // Another server learns of it within a minute; until then its signatures are trusted as well.
  expect((await elsewhere.signingKeys.current(start)).keyId).toBe(old);
  const later = start.add({ seconds: 60 });
  expect((await elsewhere.signingKeys.current(later)).keyId).toBe(made);
  const trustedAt = async (at: Temporal.Instant) =>
    (await here.signingKeys.trusted(at)).map((key) => key.kid);
  expect((await trustedAt(days(89))).sort()).toEqual([old, made].sort());
  expect(await trustedAt(days(91))).toEqual([made]);
});

it('rotates by itself before a key ends, once for all servers', async () => {
  const servers = await Promise.all([load(), load(), load()]);
  const old = (await servers[0].signingKeys.current(start)).keyId;
  expect((await servers[0].signingKeys.current(days(330))).keyId).toBe(old);
  const made = await Promise.all(
    servers.map(async (one) => (await one.signingKeys.current(days(340))).keyId),
  );
  expect(new Set(made).size).toBe(1);
  expect(made[0]).not.toBe(old);
  const rows = await database.db
    .selectFrom('signing_keys')
    .select('kid')
    .where('purpose', '=', 'documents')
    .execute();
  expect(rows).toHaveLength(2);
});
