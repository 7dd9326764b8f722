import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '@estover/protocol/testing';

/** What a client sends, again and again in the same words until it is told something definite. */
export interface Request {
  method: 'POST' | 'DELETE' | 'PATCH';
  path: string;
  headers: Record<string, string>;
  /** Null when there is none. */
  body: string | null;
}

/** A definite reply: done, or refused by a rule. */
export interface Definite {
  status: number;
  body: string;
  /** The server says that this is the answer of an earlier, equal request. */
  replayed: boolean;
  tries: number;
}

/** What happened on the way to definite replies, and what never may. */
export interface Experience {
  definite: number;
  /** Replies 503 with Retry-After. */
  unavailable: number;
  /** Connections that were refused or broke. */
  broken: number;
  /** The slowest single try, whatever came of it. */
  slowest: { milliseconds: number; path: string; reply: number | 'none' };
  /** Each 5xx but a 503 that says when to come again, and each reply that did not come within its limit. */
  violations: string[];
}

export interface InsistentClient {
  readonly experience: Experience;
  /** Sends until the reply is definite. Rejects when that takes longer than two minutes. */
  send(request: Request): Promise<Definite>;
}

/** No reply may take longer, whatever is broken: a statement's own limit of 60 s, and something for the rest. */
const replyWithinMs = 70_000;
const definiteWithinMs = 120_000;

/**
 * A client that never gives up and never says the same thing in other words, as the protocol wants it from programs.
 * Every try goes to one of the addresses by chance. It comes again sooner than `Retry-After` says: that is harder.
 */
export function insistentClient(addresses: readonly string[], random: Random): InsistentClient {
  const experience: Experience = {
    definite: 0,
    unavailable: 0,
    broken: 0,
    slowest: { milliseconds: 0, path: '', reply: 'none' },
    violations: [],
  };
  const once = async ({ method, path, headers, body }: Request) => {
    const began = performance.now();
    let reply: number | 'none' = 'none';
    try {
      const response = await fetch(`${random.pick(addresses)}${path}`, {
        method,
        headers,
        body,
        signal: AbortSignal.timeout(replyWithinMs),
      });
      const text = await response.text();
      const { status, headers: told } = response;
      reply = status;
      return { status, text, retryAfter: told.get('retry-after'), replayed: told.get('idempotent-replayed') };
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') {
        experience.violations.push(`${method} ${path}: no reply within ${replyWithinMs} ms`);
      }
      return undefined;
    } finally {
      const milliseconds = Math.round(performance.now() - began);
      if (milliseconds > experience.slowest.milliseconds) experience.slowest = { milliseconds, path, reply };
    }
  };
  return {
    experience,
    async send(request) {
      const until = performance.now() + definiteWithinMs;
      for (let tries = 1; performance.now() < until; tries++) {
        const reply = await once(request);
        if (reply === undefined) experience.broken += 1;
        else if (reply.status === 503 && /^\d+$/.test(reply.retryAfter ?? '')) experience.unavailable += 1;
        else if (reply.status >= 500) {
          const what = `${request.method} ${request.path}: ${reply.status} ${reply.text.slice(0, 300)}`;
          if (experience.violations.length < 20) experience.violations.push(what);
        } else {
          experience.definite += 1;
          return { status: reply.status, body: reply.text, replayed: reply.replayed === 'true', tries };
        }
        await wait(40 + random.below(160));
      }
      throw new Error(`${request.method} ${request.path}: nothing definite within ${definiteWithinMs} ms`);
    },
  };
}
