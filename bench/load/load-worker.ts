import { createHistogram } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { type HttpConnection, openConnection, type Reply } from './http-connection.ts';
import { type LoadMessage, type LoadPlan, type LoadResult, requestStates } from './load-plan.ts';

/* The load generator's thread: runs one plan, says when its window begins and ends, and answers what it measured. */

/** After the window, answers that are still under way are waited for this long. */
const DRAIN_MS = 30_000;
/** Opened at once; a thousand in one moment would overflow the server's queue of new connections. */
const OPENED_AT_ONCE = 64;

const plan = workerData as LoadPlan;
const say = (message: LoadMessage) => parentPort?.postMessage(message);

const bytes = new Uint8Array(plan.requests);
const offsets = new Uint32Array(plan.offsets);
const states = new Uint8Array(plan.states);
const total = offsets.length - 1;

// Microseconds up to a minute, three digits.
const latencies = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
const errors: Record<string, number> = {};
const samples: { index: number; body: string }[] = [];
let inWindow = 0;
let underWay = 0;
let next = 0;
let phase: 'warm-up' | 'window' | 'ending' = 'warm-up';

interface Lane {
  readonly connection: HttpConnection;
  /** The request on its way, and since when its latency counts. */
  index: number;
  since: number;
}

const all: Lane[] = [];
const idle: Lane[] = [];
let lanes = 0;
/** Called when a lane is free again. */
let onFree: (lane: Lane) => void = (lane) => void idle.push(lane);
/** At a steady rate what was due and is not answered at the end counts as late as it is by then. */
let recordUnanswered = (): void => {};
const ended = Promise.withResolvers<void>();

function record(latencyMs: number): void {
  latencies.record(Math.max(1, Math.round(latencyMs * 1000)));
}

function count(error: string): void {
  errors[error] = (errors[error] ?? 0) + 1;
}

function dispatch(lane: Lane, since: number): void {
  const index = next;
  next += 1;
  lane.index = index;
  lane.since = since;
  underWay += 1;
  states[index] = requestStates.sent;
  lane.connection.send(bytes.subarray(offsets[index], offsets[index + 1]), index % plan.sampleEvery === 0);
}

function onReply(lane: Lane, { status, body }: Reply): void {
  const now = performance.now();
  underWay -= 1;
  const good = status >= 200 && status < 300;
  states[lane.index] = good ? requestStates.acknowledged : requestStates.refused;
  if (!good) count(`${status} ${codeOf(body)}`.trim());
  else if (body !== undefined) samples.push({ index: lane.index, body: body.toString() });
  if (phase === 'window') {
    record(now - lane.since);
    if (good) inWindow += 1;
  }
  if (phase === 'ending' && underWay === 0) ended.resolve();
  onFree(lane);
}

/** The code of a problem (RFC 9457), to name an error by. */
function codeOf(body: Buffer | undefined): string {
  try {
    return String(JSON.parse(body?.toString() ?? '').code ?? '');
  } catch {
    return '';
  }
}

async function openLane(number: number): Promise<void> {
  const target = plan.targets[number % plan.targets.length];
  if (target === undefined) throw new Error('a plan needs a target');
  const lane: Lane = {
    index: -1,
    since: 0,
    connection: await openConnection(
      target,
      (reply) => onReply(lane, reply),
      (reason) => {
        lanes -= 1;
        count(reason);
        if (states[lane.index] === requestStates.sent) underWay -= 1;
        if (lanes === 0 || (phase === 'ending' && underWay === 0)) ended.resolve();
      },
    ),
  };
  all.push(lane);
  lanes += 1;
  idle.push(lane);
}

/** Each lane sends again as soon as it is free. */
function startClosedLoop(): void {
  onFree = (lane) => {
    if (phase === 'ending') return;
    if (next < total) dispatch(lane, performance.now());
    else if (underWay === 0) ended.resolve();
  };
  for (const lane of idle.splice(0)) onFree(lane);
}

/** Requests are due at a steady rate; those for which no lane is free wait, and their latency has begun. */
function startOpenLoop(perSecond: number): void {
  const began = performance.now();
  const dispatchDue = (): void => {
    if (phase === 'ending') return;
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * perSecond));
    while (next < due) {
      const lane = idle.pop();
      if (lane === undefined) return;
      dispatch(lane, began + (next / perSecond) * 1000);
    }
    if (next >= total && underWay === 0) ended.resolve();
  };
  onFree = (lane) => {
    idle.push(lane);
    dispatchDue();
  };
  recordUnanswered = () => {
    const now = performance.now();
    for (const { index, since } of all) {
      if (states[index] === requestStates.sent) record(now - since);
    }
    const due = Math.min(total, Math.floor(((now - began) / 1000) * perSecond));
    for (let index = next; index < due; index++) record(now - began - (index / perSecond) * 1000);
  };
  const timer = setInterval(dispatchDue, 1);
  void ended.promise.then(() => clearInterval(timer));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());

async function run(): Promise<LoadResult> {
  for (let opened = 0; opened < plan.connections; opened += OPENED_AT_ONCE) {
    const batch = Math.min(OPENED_AT_ONCE, plan.connections - opened);
    await Promise.all([...Array(batch).keys()].map((number) => openLane(opened + number)));
  }
  const { pace } = plan;
  if (pace.kind === 'closed') startClosedLoop();
  else startOpenLoop(pace.perSecond);
  if (pace.warmUpMs > 0) await Promise.race([pause(pace.warmUpMs), ended.promise]);

  say({ kind: 'window-begins' });
  const cpuBefore = process.threadCpuUsage();
  const began = performance.now();
  phase = 'window';
  await Promise.race([pause(pace.windowMs), ended.promise]);
  recordUnanswered();
  phase = 'ending';
  const seconds = (performance.now() - began) / 1000;
  const cpu = process.threadCpuUsage(cpuBefore);
  say({ kind: 'window-ends' });

  if (underWay > 0) await Promise.race([pause(DRAIN_MS), ended.promise]);
  if (underWay > 0) errors[`no answer within ${DRAIN_MS / 1000} s`] = underWay;
  return {
    answered: inWindow,
    seconds,
    ranOut: next >= total,
    latencyMs:
      latencies.count === 0
        ? null
        : {
            p50: latencies.percentile(50) / 1000,
            p95: latencies.percentile(95) / 1000,
            p99: latencies.percentile(99) / 1000,
            max: latencies.max / 1000,
          },
    errors,
    samples,
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
}

// Keeps the thread alive while it only waits for answers; the timers themselves do not.
const alive = setInterval(() => {}, 1_000);
const result = await run();
clearInterval(alive);
for (const { connection } of all) connection.close();
say({ kind: 'result', result });
