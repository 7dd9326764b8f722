import type { Bench, BenchDatabase, BenchServer } from '../harness/scenario.ts';
import {
  type AnswersSigned,
  checkSamples,
  createMessageWriter,
  fetchTrust,
  type MessageWriter,
  type Report,
} from './authorize-messages.ts';
import type { Pace } from './load-plan.ts';
import { recount } from './recount.ts';
import { acknowledged, errorsOf, type MeasuredLoad, runLoad, sentOf } from './run-load.ts';
import { type Seeded, type SeedOptions, seedInstances } from './seed-instances.ts';

/** One or more servers on a filled database, and messages to send to them. */
export interface Fleet {
  readonly bench: Bench;
  readonly database: BenchDatabase;
  readonly seeded: Seeded;
  readonly servers: readonly BenchServer[];
  readonly writer: MessageWriter;
  /** Acknowledged messages that reported a change, so far. */
  changes: number;
}

/** A load on a fleet whose effects were counted again. */
export interface CheckedLoad extends MeasuredLoad {
  /** Why the run is void; undefined when everything adds up. */
  readonly wrong: string | undefined;
}

export interface FleetOptions extends SeedOptions {
  /** Server processes on the one database; 1 when not given. */
  readonly servers?: number;
}

export function startFleet(bench: Bench, options: FleetOptions): Promise<Fleet> {
  return bench.shared(`fleet ${JSON.stringify(options)}`, () => makeFleet(bench, options));
}

async function makeFleet(bench: Bench, { servers: count = 1, ...seed }: FleetOptions): Promise<Fleet> {
  const database = await bench.database();
  bench.say(`seeding ${seed.instances.toLocaleString('en-US')} instances in ${seed.pools} pools`);
  const seeded = await seedInstances(database, seed);
  const servers: BenchServer[] = [];
  // One after the other: all of them share one encryption key, which is that of the first one's data folder.
  const dataFolder = await bench.folder();
  while (servers.length < count) servers.push(await bench.startServer({ database, dataFolder }));
  return { bench, database, seeded, servers, writer: createMessageWriter(seeded), changes: 0 };
}

/** What messages say and which answers they ask for: changes, and signed together, when not given. */
export interface Sending {
  readonly report?: Report;
  readonly signed?: AnswersSigned;
}

/** Sends so many messages at a pace, verifies a sample of the answers and counts the effects again. */
export async function sendMessages(
  fleet: Fleet,
  options: Sending & { readonly connections: number; readonly count: number; readonly pace: Pace },
): Promise<CheckedLoad> {
  const { bench, database, seeded, servers, writer } = fleet;
  const { report = 'change', signed = 'together' } = options;
  const { batch, messages } = await writer.write(options.count, report, signed);
  const load = await runLoad({
    servers,
    connections: options.connections,
    batch,
    pace: options.pace,
    database: { mainProcess: bench.databaseProcess(), pool: database.pool },
    sampleEvery: Math.max(1, Math.floor(options.count / 200)),
  });
  writer.takeBack(messages.slice(sentOf(load)));
  const kept = acknowledged(load).flatMap((index) => messages[index]?.messageId ?? []);
  if (report === 'change') fleet.changes += kept.length;
  const trust = await fetchTrust(servers[0] as BenchServer);
  const wrong =
    errorsOf(load) ??
    checkSamples(load, messages, seeded, trust) ??
    (await recount(database, seeded, kept, fleet.changes));
  return { ...load, wrong };
}

/** Messages that are signed beforehand for the first, short load, which warms up and tells how many more to sign. */
const PROBED = 12_000;

/** As fast as so many connections can, each waiting for its answer: a short load first, then the one that counts. */
export async function sendAsFastAsPossible(
  fleet: Fleet,
  connections: number,
  options: Sending & { readonly windowMs?: number } = {},
): Promise<CheckedLoad> {
  const { quick, say } = fleet.bench;
  if (quick) {
    const pace = { kind: 'closed', warmUpMs: 200, windowMs: 1_000 } as const;
    return sendMessages(fleet, { ...options, connections, count: 4_000, pace });
  }
  const probe = await sendMessages(fleet, {
    ...options,
    connections,
    count: PROBED,
    pace: { kind: 'closed', warmUpMs: 0, windowMs: 3_000 },
  });
  if (probe.wrong !== undefined) return probe;
  const [warmUpMs, windowMs] = [500, options.windowMs ?? 10_000];
  // Once it is warm it is faster; when the messages run out all the same, the window ends with them.
  const count = Math.ceil(probe.perSecond * 1.7 * ((warmUpMs + windowMs) / 1000));
  say(`${connections} connections, ${count.toLocaleString('en-US')} messages signed beforehand`);
  return sendMessages(fleet, {
    ...options,
    connections,
    count,
    pace: { kind: 'closed', warmUpMs, windowMs },
  });
}

/** Reads again what each sender has reported, after something other than its messages has changed it. */
export async function refreshSenders({ database, seeded }: Fleet): Promise<void> {
  const { rows } = await database.pool.query<{ instance_id: string; count: number }>(
    'select instance_id, count from instance_usage where account_id = $1',
    [seeded.accountId],
  );
  const counts = new Map(rows.map((row) => [row.instance_id, row.count]));
  for (const sender of seeded.senders) sender.count = counts.get(sender.instanceId) ?? 0;
}
