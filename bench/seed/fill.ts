import { createHash } from 'node:crypto';
import { formatSecret, recognizable } from '@estover/protocol/secrets';
import { fillCatalog, seededTag } from './catalog.ts';
import { type Filling, type FillOptions, openFilling, seedId } from './filling.ts';
import { fillAlerts, fillEvents, fillTokens } from './history.ts';
import { fillInstances } from './instances.ts';
import { fillLedger, judgeFilled } from './ledger.ts';
import { type FilledTree, fillTree } from './tree.ts';

/** What was filled, for the requests of a measurement. */
export interface Filled {
  readonly accountId: string;
  /** An API key with the account administrator's role for the whole account. */
  readonly apiKey: string;
  readonly virtualAccounts: FilledTree;
  /** The license that seven of ten instances use. */
  readonly commonTag: string;
  /** Tag of any license of the catalog by its rank, 0 being the common one; beginning over after the last. */
  tagOf(rank: number): string;
}

/** A year's worth of an account of medium size; what is left out of a fill is taken from here. */
const usual = {
  virtualAccounts: 10_000,
  licenses: 200,
  tokens: 2_000,
  hotShare: 0.1,
  seed: 'bench',
} as const;

/**
 * Fills a migrated database with one account, set-based: about two minutes for a million instances. The laws of the
 * ledger hold; the events are not chained by real hashes. May be called again with another seed for another account.
 *
 * @param options numbers of what is made; `instances` at least, and as many events as instances if nothing is said.
 * @param say takes a line of progress.
 */
export async function fill(
  connectionString: string,
  options: Pick<FillOptions, 'instances'> & Partial<FillOptions>,
  say: (line: string) => void = () => {},
): Promise<Filled> {
  const now = options.now ?? Temporal.Now.instant().round('second');
  const all: FillOptions = { ...usual, events: options.instances, now, ...options };
  const { filling, close } = await openFilling(connectionString, all);
  try {
    await filling.run('begin');
    const apiKey = await fillAccount(filling);
    const virtualAccounts = await fillTree(filling);
    await fillCatalog(filling);
    await fillInstances(filling, say);
    await fillLedger(filling);
    say('ledger');
    await fillEvents(filling, say);
    await fillAlerts(filling);
    await fillTokens(filling);
    await filling.run('commit');
    await judgeFilled(connectionString, filling, say);
    // What a database in use has had done to it long since, by itself.
    await filling.run('vacuum (analyze)');
    return {
      accountId: filling.accountId,
      apiKey,
      virtualAccounts,
      commonTag: seededTag(0),
      tagOf: (rank) => seededTag(rank % all.licenses),
    };
  } finally {
    await close();
  }
}

async function fillAccount({ accountId, seed, now, run }: Filling): Promise<string> {
  const at = now.subtract({ hours: 24 * 400 });
  await run(
    `insert into accounts (account_id, name, domain_identifier, status, export_category, created_at)
     values ($1, $2, $3, 'active', 'A', $4)`,
    [accountId, `Filled ${seed}`, `${seed}.filled.example`, at.toString()],
  );
  const secret = formatSecret(
    'esak_',
    accountId,
    createHash('sha256').update(`key/${seed}`).digest().subarray(0, 20),
  );
  await run(
    `insert into api_keys (api_key_id, account_id, name, role, scope, prefix, secret_hash, created_by, created_at)
     values ($1, $2, 'Measurements', 'account-administrator', '{"kind":"account"}', $3, $4, 'bench', $5)`,
    [
      seedId(`key/${seed}`, at),
      accountId,
      recognizable(secret),
      createHash('sha256').update(secret).digest(),
      at.toString(),
    ],
  );
  return secret;
}
