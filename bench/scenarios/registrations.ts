import { randomBytes, randomUUID } from 'node:crypto';
import { deviceMessages, documentMediaType, signRequest, verifyAnswer } from '@estover/protocol/device';
import { formatSecret, recognizable } from '@estover/protocol/secrets';
import { createCertificateRequest, isIssuedBy, readCertificate } from '@estover/protocol/signing';
import { hashToken } from '../../packages/server/src/product-instances/tokens-store.ts';
import { failed } from '../harness/results.ts';
import type { BenchDatabase, BenchServer, Figure, Scenario } from '../harness/scenario.ts';
import { fetchTrust } from '../load/authorize-messages.ts';
import { keyPairs } from '../load/key-stock.ts';
import {
  acknowledged,
  batchOf,
  errorsOf,
  type MeasuredLoad,
  postRequest,
  runLoad,
} from '../load/run-load.ts';
import { type Seeded, seedInstances } from '../load/seed-instances.ts';

const connections = 64;

interface Registration {
  readonly messageId: string;
  readonly publicKey: Buffer;
}

/**
 * Instances with keys and certificate requests of their own, each reporting one license. Each token is of another
 * virtual account; with one alone, all wait for its row and for that of one pool.
 */
const registrationsWith = (name: string, tokenCount: number): Scenario => ({
  name,
  what: `new instances with certificate requests, ${tokenCount === 1 ? 'one token' : `${tokenCount} tokens`}, ${connections} connections`,
  async run(bench) {
    const database = await bench.database();
    const seeded = await seedInstances(database, { instances: 1_000, senders: 1, pools: tokenCount });
    const tokens = await makeTokens(database, seeded);
    const server = await bench.startServer({ database });
    const count = bench.quick ? 200 : 15_000;
    bench.say(`preparing ${count.toLocaleString('en-US')} certificate requests`);
    const [written, requests]: [Registration[], Buffer[]] = [[], []];
    const sentAt = Temporal.Now.instant().toString({ smallestUnit: 'second' });
    for (const [index, keys] of keyPairs(count).entries()) {
      const serialNumber = `REG${index}`;
      const certificateRequest = Buffer.from(await createCertificateRequest(keys, serialNumber));
      const messageId = randomUUID();
      const document = signRequest(
        'register',
        {
          messageId,
          sequence: 1,
          sentAt,
          token: tokens[index % tokens.length] ?? '',
          certificateRequest: certificateRequest.toString('base64'),
          instance: { productId: 'BENCH-REG', serialNumber, hostName: `reg-${index}` },
          usage: [{ tag: seeded.tag, count: 1 }],
        },
        keys.privateKey,
      );
      written.push({ messageId, publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }) });
      requests.push(postRequest(deviceMessages.register.path, documentMediaType, document));
    }
    const load = await runLoad({
      servers: [server],
      connections,
      batch: batchOf(requests),
      pace: { kind: 'closed', warmUpMs: bench.quick ? 100 : 1_500, windowMs: bench.quick ? 1_500 : 10_000 },
      database: { mainProcess: bench.databaseProcess(), pool: database.pool },
      sampleEvery: Math.floor(count / 50),
    });
    const wrong =
      errorsOf(load) ??
      (await checkAnswers(load, written, server)) ??
      (await recount(database, seeded, acknowledged(load).length));
    const note = `${load.cost}; ${load.answered.toLocaleString('en-US')} in ${load.seconds.toFixed(1)} s at ${connections} connections`;
    const figures: Figure[] = [
      { name: `${name}.per-second`, value: load.perSecond, unit: '1/s', note },
      { name: `${name}.p99-ms`, value: load.latencyMs?.p99 ?? 0, unit: 'ms', note: '' },
    ];
    return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong));
  },
});

/** A token for every virtual account. */
async function makeTokens(
  { pool }: BenchDatabase,
  { accountId, virtualAccountIds }: Seeded,
): Promise<string[]> {
  const tokens = virtualAccountIds.map(() => formatSecret('esrt_', accountId, randomBytes(20)));
  await pool.query(
    `insert into registration_tokens (account_id, token_id, virtual_account_id, description, prefix, secret_hash,
            export_controlled_allowed, created_by, created_at, expires_at)
     select $1, gen_random_uuid(), place, 'bench', prefix, hash, false, 'bench', now(), now() + interval '1 day'
       from unnest($2::uuid[], $3::text[], $4::bytea[]) as token (place, prefix, hash)`,
    [accountId, virtualAccountIds, tokens.map(recognizable), tokens.map(hashToken)],
  );
  return tokens;
}

/** Verifies the answers that were kept: signature, and a certificate for the instance's own key by the installation. */
async function checkAnswers(
  { samples }: MeasuredLoad,
  written: readonly Registration[],
  server: BenchServer,
): Promise<string | undefined> {
  const trust = await fetchTrust(server);
  for (const { index, body } of samples) {
    const { messageId, publicKey } = written[index] as Registration;
    const at = Temporal.Now.instant();
    const verified = verifyAnswer('register', body, { messageId, instance: undefined, trust, at });
    if (!verified.ok) return `an answer that is not to be believed: ${verified.detail}`;
    const certificate = Buffer.from(verified.answer.certificate, 'base64');
    if (!isIssuedBy(certificate, trust.certificateAuthorities)) return 'a certificate that nobody issued';
    const certified = readCertificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
    if (!publicKey.equals(certified)) return 'a certificate for a key of somebody else';
  }
  return samples.length === 0 ? 'no answer was verified' : undefined;
}

/** As many instances, uses of tokens and licenses in use as were acknowledged. */
async function recount(
  { pool }: BenchDatabase,
  { accountId, instances }: Seeded,
  made: number,
): Promise<string | undefined> {
  const { rows } = await pool.query<{ registered: number; uses: number; used: number }>(
    `select (select count(*) from product_instances where account_id = $1 and product_id = 'BENCH-REG')::int as registered,
            (select sum(uses)::int from registration_tokens where account_id = $1) as uses,
            (select sum(in_use) from pools where account_id = $1)::int as used`,
    [accountId],
  );
  const { registered, uses, used } = rows[0] ?? { registered: 0, uses: 0, used: 0 };
  return registered === made && uses === made && used - instances === made
    ? undefined
    : `${made} registrations were acknowledged; there are ${registered} instances, ${uses} uses of tokens and ${used - instances} licenses in use`;
}

export const registering: readonly Scenario[] = [
  registrationsWith('registrations', 16),
  registrationsWith('registrations.one-token', 1),
];
