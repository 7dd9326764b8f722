import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerOf, getOrder } from '@estover/protocol';
import type { Books } from './auditor/books.ts';
import type { NamedLot } from './auditor/case.ts';
import { enterJobs } from './auditor/job-rules.ts';
import { judge, judgeRound, type Observation } from './auditor/judge.ts';
import { ordersBroughtBy } from './auditor/order-rules.ts';
import type { WorldClock } from './clock.ts';
import { type History, WorldFailure } from './history.ts';
import type { Random } from './random.ts';
import { ServerGone, type SimulatedServer } from './simulated-server.ts';
import type { CrashPoint } from './statement-faults.ts';
import { LineBroken, outcomeOf, type WireReply, type WireRequest } from './wire.ts';

/** How often what happens between server and database goes wrong. */
export interface ServerTrouble {
  /** Of each request, that the server crashes somewhere in it. */
  crash: number;
  /** Of each request, that the database is slow, by up to a minute and a half of the world's clock. */
  slow: number;
}

/**
 * The server's door. Everything that goes in and comes out passes the auditor here: what was answered is judged at once,
 * what a crash left open is sent again until it is answered.
 */
export interface Gateway {
  /** @throws LineBroken when a crash cut the reply off; what became of the request the auditor knows by then */
  exchange(request: WireRequest): Promise<WireReply>;
  /** Lets requests of one account run at once; everything in them is judged together at the end. */
  together(accountId: string, work: () => Promise<unknown>): Promise<void>;
  /** Asks without trouble and without being judged. */
  look(path: string, apiKey: string): Promise<unknown>;
  /** Runs the server's jobs at this instant. */
  runJobs(): Promise<void>;
  /** The server dies at the next request, just after it committed. */
  crashNext(): void;
  /** No crash and no slow database from now on. */
  calm(): void;
  books(): Books;
  /** What was wrong first. Told here as well, because an agent takes whatever its line throws for no answer. */
  failure(): unknown;
  counts(): { crashes: number; requests: number; rounds: number };
  end(): Promise<void>;
}

interface GatewaySetting {
  start(): Promise<SimulatedServer>;
  books: Books;
  clock: WorldClock;
  history: History;
  random: Random;
  trouble: ServerTrouble;
  operatorKey: string;
}

/** A machine that is busy with other things may keep a database from answering in time; nothing was done then. */
async function patiently(handle: () => Promise<WireReply>): Promise<WireReply> {
  for (let attempts = 1; ; attempts++) {
    const reply = await handle();
    if (reply.status !== 503 || attempts === 30) return reply;
    await pause(200);
  }
}

const slowestMilliseconds = 10_000;

export async function openGateway(setting: GatewaySetting): Promise<Gateway> {
  const { clock, history, random } = setting;
  let { books, trouble } = setting;
  let server = await setting.start();
  let restarting: Promise<void> | undefined;
  let round: { seen: Observation[] } | undefined;
  let failure: unknown;
  let mustCrash = false;
  const counts = { crashes: 0, requests: 0, rounds: 0 };

  const restart = async (): Promise<void> => {
    counts.crashes += 1;
    history.note('the server crashes and is started again');
    await server.end();
    server = await setting.start();
  };

  /** Sends until there is an answer. A server that died is put together anew, and what it may have done comes again. */
  const attempt = async (
    request: WireRequest,
  ): Promise<{ reply: WireReply; crashed: boolean; begun: number }> => {
    for (let tries = 0; tries < 5; tries++) {
      const used = server;
      const begun = clock.milliseconds();
      try {
        const reply = await patiently(() => used.handle(request));
        return { reply, crashed: tries > 0, begun };
      } catch (error) {
        if (!(error instanceof ServerGone)) throw error;
        if (used === server) {
          restarting ??= restart().finally(() => {
            restarting = undefined;
          });
        }
        await restarting;
      }
    }
    throw new WorldFailure(['the server crashed five times over one request']);
  };

  const crashPoint = (): CrashPoint => {
    if (random.chance(0.35)) return { kind: 'before-commit' };
    if (random.chance(0.55)) return { kind: 'after-commit' };
    return { kind: 'at-statement', statement: random.below(12) };
  };

  const look = async (path: string, apiKey: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
    const { reply } = await attempt({ sender: 'auditor', method: 'GET', path, headers, body: undefined });
    if (reply.status !== 200)
      throw new WorldFailure([`GET ${path} is answered ${reply.status} ${reply.body}`]);
    return JSON.parse(reply.body);
  };

  /** The lots that an order brought have ids that only its trace tells. */
  const learnLots = async ({ method, path, body }: WireRequest): Promise<NamedLot[]> => {
    const lots: NamedLot[] = [];
    for (const orderNumber of ordersBroughtBy(method, path, body ?? '')) {
      const trace = (await look(`/api/v1/orders/${orderNumber}`, setting.operatorKey)) as AnswerOf<
        typeof getOrder
      >;
      for (const { lineNumber, tag, lotId } of trace.deliveries)
        lots.push({ orderNumber, lineNumber, tag, lotId });
    }
    return lots;
  };

  const observe = async (request: WireRequest): Promise<Observation & { crashed: boolean }> => {
    counts.requests += 1;
    const from = clock.milliseconds();
    const { reply, crashed, begun } = await attempt(request);
    const to = clock.milliseconds();
    const isKept = reply.status < 400 && !request.path.includes('dryRun=true');
    const lots = isKept ? await learnLots(request) : [];
    return { request, reply, from, begun, to, lots, mayBeReplayed: crashed, crashed };
  };

  const catchUp = async (): Promise<void> => {
    await server.runJobs();
    enterJobs(books, clock.milliseconds());
  };

  const exchange = async (request: WireRequest): Promise<WireReply> => {
    if (round !== undefined) {
      const seen = await observe(request);
      round.seen.push(seen);
      return seen.reply;
    }
    if (mustCrash) server.faults.crashAt({ kind: 'after-commit' });
    else if (random.chance(trouble.crash)) server.faults.crashAt(crashPoint());
    mustCrash = false;
    if (random.chance(trouble.slow)) server.faults.slow({ random, milliseconds: slowestMilliseconds });
    const seen = await observe(request);
    server.faults.disarm();
    server.faults.slow(undefined);
    const what = `${request.sender}: ${request.method} ${request.path}`;
    history.note(`${what} → ${outcomeOf(seen.reply)}${seen.crashed ? ', after a crash' : ''}`);
    const problem = judge(books, seen);
    if (problem !== undefined) throw new WorldFailure([`${what}: ${problem}`]);
    if (!seen.crashed) return seen.reply;
    // A server that starts catches up with what became due meanwhile.
    await catchUp();
    throw new LineBroken('the server crashed');
  };

  return {
    async exchange(request) {
      try {
        return await exchange(request);
      } catch (error) {
        if (!(error instanceof LineBroken)) failure ??= error;
        throw error;
      }
    },
    async together(accountId, work) {
      counts.rounds += 1;
      round = { seen: [] };
      server.faults.jostle(random.fork(`round ${counts.rounds}`));
      if (random.chance(trouble.crash * 3)) server.faults.crashAt(crashPoint());
      const { seen } = round;
      try {
        await work();
      } finally {
        round = undefined;
        server.faults.jostle(undefined);
        server.faults.disarm();
      }
      const judged = seen.filter(({ request }) => request.method !== 'GET');
      for (const { request, reply } of judged) {
        history.note(`at once, ${request.sender}: ${request.method} ${request.path} → ${outcomeOf(reply)}`);
      }
      const result = judgeRound(books, accountId, judged);
      if (Array.isArray(result)) {
        const heading = 'no order of what ran at once explains the answers; in the order in which they came:';
        throw new WorldFailure([
          heading,
          ...result.map(
            ({ request, problem }) => `${request.sender}: ${request.method} ${request.path}: ${problem}`,
          ),
        ]);
      }
      books = result;
    },
    look,
    runJobs: catchUp,
    crashNext() {
      mustCrash = true;
    },
    calm() {
      trouble = { crash: 0, slow: 0 };
    },
    books: () => books,
    failure: () => failure,
    counts: () => counts,
    end: () => server.end(),
  };
}
