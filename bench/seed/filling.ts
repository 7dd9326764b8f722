import { createHash } from 'node:crypto';
import pg from 'pg';

/** How much one account of a filled database holds, like accounts of the field: some hot pools and a long tail. */
export interface FillOptions {
  /** Product instances. One in 97 has left, one in 200 is silent, the others count. */
  readonly instances: number;
  /** Virtual accounts in a tree of ten levels, the default one included; at least 11. */
  readonly virtualAccounts: number;
  /** Licenses of the catalog. Every fill of one database must say the same number. */
  readonly licenses: number;
  /** Events of the account, spread over the year before `now`. */
  readonly events: number;
  /** Registration tokens. */
  readonly tokens: number;
  /** The part of the instances, 0 to 1, that lie in one virtual account and use one license: the hot pool. */
  readonly hotShare: number;
  /** Names the account, and decides everything: the same seed and numbers give the same rows. */
  readonly seed: string;
  /** The instant at which the data is up to date: nothing is due then. */
  readonly now: Temporal.Instant;
  /** SPKI in DER that every instance has as its key; without it bytes that are no key. */
  readonly publicKey?: Buffer;
}

/** One connection that fills, with what every step needs. */
export interface Filling extends FillOptions {
  readonly accountId: string;
  /** Runs one statement with `$1`… as parameters. */
  run(text: string, values?: readonly unknown[]): Promise<void>;
}

/** A UUIDv7 of an instant and a name: the same every time, and in order of time as the server's ids are. */
export function seedId(name: string, at: Temporal.Instant): string {
  const time = at.epochMilliseconds.toString(16).padStart(12, '0');
  const rest = createHash('md5').update(name).digest('hex');
  const hex = `${time}7${rest.slice(0, 3)}8${rest.slice(3, 18)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Functions for set-based seeding, for this connection alone: `seed_id(kind, n, at)` is a UUIDv7 as {@link seedId} makes
 * it, and `chance(kind, n)` a number from 0 up to 1 that looks thrown and never changes.
 */
const functions = `
  create function pg_temp.seed_id(kind text, n bigint, at timestamptz) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
      from md5(kind || '/' || n) as h $$;
  create function pg_temp.chance(kind text, n bigint) returns double precision language sql immutable as $$
    select (hashint8extended(n, hashtextextended(kind, 0)) & 2147483647) / 2147483648.0::double precision $$;`;

/** Opens the connection for filling: without a limit of time for statements, and with memory to sort in. */
export async function openFilling(
  connectionString: string,
  options: FillOptions,
): Promise<{ filling: Filling; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString, options: '-c TimeZone=UTC -c statement_timeout=0' });
  await client.connect();
  await client.query(`set work_mem = '128MB'; set maintenance_work_mem = '256MB'; ${functions}`);
  const made = options.now.subtract({ hours: 24 * 400 });
  const filling: Filling = {
    ...options,
    accountId: seedId(`account/${options.seed}`, made),
    run: async (text, values = []) => void (await client.query(text, [...values])),
  };
  return { filling, close: () => client.end() };
}
