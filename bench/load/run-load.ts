import { Worker } from 'node:worker_threads';
import { cpuMsOf } from '../harness/processes.ts';
import type { BenchDatabase, BenchServer } from '../harness/scenario.ts';
import { type LoadMessage, type LoadPlan, type LoadResult, type Pace, requestStates } from './load-plan.ts';

/** Requests one behind the other in memory that the generator's thread shares. */
export interface RequestBatch {
  readonly requests: SharedArrayBuffer;
  readonly offsets: SharedArrayBuffer;
  readonly count: number;
}

export interface LoadOptions {
  readonly servers: readonly Pick<BenchServer, 'address' | 'processId'>[];
  readonly connections: number;
  readonly batch: RequestBatch;
  readonly pace: Pace;
  /** The database, whose processor time and writing to its log (WAL) are told. */
  readonly database?: { readonly mainProcess: number | undefined; readonly pool: BenchDatabase['pool'] };
  readonly sampleEvery?: number;
}

export interface MeasuredLoad extends LoadResult {
  readonly perSecond: number;
  /** By request: one of `requestStates`. */
  readonly states: Uint8Array;
  /** For each request, such as `server 85 µs, database 61 µs, generator 22 µs, log 2.4 kB`; times are processor time. */
  readonly cost: string;
}

/** Puts an HTTP/1.1 POST around a body. */
export function postRequest(path: string, contentType: string, body: string, accept = '*/*'): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: bench',
    `Accept: ${accept}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Gathers requests into shared memory. */
export function batchOf(requests: readonly Uint8Array[]): RequestBatch {
  const size = requests.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (requests.length + 1)));
  let at = 0;
  for (const [index, request] of requests.entries()) {
    bytes.set(request, at);
    at += request.length;
    offsets[index + 1] = at;
  }
  return { requests: bytes.buffer, offsets: offsets.buffer, count: requests.length };
}

/** Runs a load in a thread of its own and measures what it cost whom. */
export async function runLoad(options: LoadOptions): Promise<MeasuredLoad> {
  const { servers, connections, batch, pace, database, sampleEvery = 997 } = options;
  const states = new SharedArrayBuffer(batch.count);
  const plan: LoadPlan = {
    targets: servers.map(({ address }) => ({ host: '127.0.0.1', port: Number(new URL(address).port) })),
    connections,
    requests: batch.requests,
    offsets: batch.offsets,
    states,
    pace,
    sampleEvery,
  };
  const readMeters = (): Meters => ({
    server: sumOf(servers.map(({ processId }) => cpuMsOf(processId))),
    database: database?.mainProcess === undefined ? undefined : cpuMsOf(database.mainProcess),
    log: database === undefined ? Promise.resolve(undefined) : logPosition(database.pool),
  });
  let before = readMeters();
  let after = before;
  const result = await inWorker(plan, (message) => {
    if (message.kind === 'window-begins') before = readMeters();
    if (message.kind === 'window-ends') after = readMeters();
  });
  return {
    ...result,
    perSecond: result.answered / result.seconds,
    states: new Uint8Array(states),
    cost: result.answered === 0 ? '' : await costOf(result, before, after),
  };
}

interface Meters {
  /** Milliseconds of processor time so far. */
  readonly server: number | undefined;
  readonly database: number | undefined;
  /** Bytes that the database has written to its log so far. */
  readonly log: Promise<number | undefined>;
}

async function logPosition(pool: BenchDatabase['pool']): Promise<number | undefined> {
  const { rows } = await pool.query<{ position: number }>("select pg_current_wal_lsn() - '0/0' as position");
  return rows[0]?.position;
}

async function costOf({ answered, cpuMs }: LoadResult, before: Meters, after: Meters): Promise<string> {
  const microseconds = (name: string, ms: number | undefined) =>
    ms === undefined ? [] : [`${name} ${Math.round((ms * 1000) / answered)} µs`];
  const log = difference(await after.log, await before.log);
  return [
    ...microseconds('server', difference(after.server, before.server)),
    ...microseconds('database', difference(after.database, before.database)),
    ...microseconds('generator', cpuMs),
    ...(log === undefined ? [] : [`log ${(log / 1000 / answered).toFixed(1)} kB`]),
  ].join(', ');
}

/** How many requests were sent at all: the first ones, because they go in order. */
export function sentOf({ states }: MeasuredLoad): number {
  const unsent = states.indexOf(requestStates.unsent);
  return unsent < 0 ? states.length : unsent;
}

/** Numbers of the requests that were answered with 2xx, warm-up and the end included. */
export const acknowledged = ({ states }: MeasuredLoad): number[] =>
  [...states.keys()].filter((index) => states[index] === requestStates.acknowledged);

/** What went wrong, in words; undefined when every request was answered with 2xx, and some within the window. */
export function errorsOf({ errors, answered }: LoadResult): string | undefined {
  if (answered === 0 && Object.keys(errors).length === 0) return 'nothing was answered within the window';
  const named = Object.entries(errors).map(([name, times]) => `${times} × ${name}`);
  return named.length === 0 ? undefined : named.join(', ');
}

function inWorker(plan: LoadPlan, onMessage: (message: LoadMessage) => void): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: plan });
  worker.on('message', (message: LoadMessage) => {
    onMessage(message);
    if (message.kind !== 'result') return;
    resolve(message.result);
    // Answers that never came would keep its timers alive.
    void worker.terminate();
  });
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`the load generator ended with code ${code}`)));
  return promise;
}

function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}
