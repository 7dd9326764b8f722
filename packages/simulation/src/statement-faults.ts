import { setTimeout as pause } from 'node:timers/promises';
import type { OpenDatabase } from '@estover/server/testing/world';
import type { WorldClock } from './clock.ts';
import type { Random } from './random.ts';

/** Where a server dies: before a statement that is the n-th from now on, at a commit, or just after one. */
export type CrashPoint =
  | { kind: 'at-statement'; statement: number }
  | { kind: 'before-commit' }
  | { kind: 'after-commit' };

/** What may happen between a server and its database. */
export interface StatementFaults {
  crashAt(point: CrashPoint): void;
  /** Forgets a crash that was planned and did not come. True when one was still planned. */
  disarm(): boolean;
  /** Statements take up to so long by the world's clock; undefined makes them instant again. */
  slow(limit: { random: Random; milliseconds: number } | undefined): void;
  /** Statements of requests that run at once wait a little in real time, so that they meet in many orders. */
  jostle(random: Random | undefined): void;
  kill(): void;
  isDead(): boolean;
}

type Query = (...given: unknown[]) => unknown;

/**
 * Stands between a pool and its connections. A dead server sends nothing more but the rollbacks of what it had open,
 * which is what the database does by itself when a connection ends.
 */
export function createStatementFaults(
  pool: OpenDatabase['pool'],
  clock: WorldClock,
  gone: () => Error,
): StatementFaults {
  let dead = false;
  let plan: CrashPoint | undefined;
  let slowness: { random: Random; milliseconds: number } | undefined;
  let jostling: Random | undefined;

  const before = async (text: string): Promise<void> => {
    if (text === 'rollback') return;
    if (dead) throw gone();
    if (slowness?.random.chance(0.3) === true) clock.advance(slowness.random.below(slowness.milliseconds));
    if (jostling !== undefined) await pause(jostling.below(4));
    if (plan === undefined) return;
    if (
      plan.kind === 'before-commit'
        ? text === 'commit'
        : plan.kind === 'at-statement' && plan.statement-- <= 0
    ) {
      dead = true;
      throw gone();
    }
  };
  const after = (text: string): void => {
    if (plan?.kind !== 'after-commit' || text !== 'commit') return;
    dead = true;
    throw gone();
  };

  const watched = new WeakSet<object>();
  pool.on('connect', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const holder = client as unknown as { query: Query };
    const original = holder.query.bind(client);
    holder.query = (...given) => {
      const text = textOf(given[0]);
      // Cursors hand themselves in and are asked later; the world reads none through a fault.
      if (text === undefined) return original(...given);
      return (async () => {
        await before(text);
        const result = await original(...given);
        after(text);
        return result;
      })();
    };
  });

  return {
    crashAt(point) {
      plan = { ...point };
    },
    disarm() {
      const planned = plan !== undefined && !dead;
      plan = undefined;
      return planned;
    },
    slow(limit) {
      slowness = limit;
    },
    jostle(random) {
      jostling = random;
    },
    kill() {
      dead = true;
    },
    isDead: () => dead,
  };
}

function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return undefined;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : undefined;
}
