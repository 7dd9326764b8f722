import type { Reply, Transport } from '@estover/agent';
import { documentMediaType, trustPath } from '@estover/protocol/device';
import { hour, minute } from './clock.ts';
import type { Gateway } from './gateway.ts';
import type { History } from './history.ts';
import type { Random } from './random.ts';
import { LineBroken, type WireReply, type WireRequest } from './wire.ts';

/** How often a message on the line meets with something. */
export interface LineTrouble {
  requestLost: number;
  replyLost: number;
  doubled: number;
  /** Given up by the sender, and there all the same, minutes to days later. */
  late: number;
  /** An earlier reply to this sender comes in place of this one. */
  mixedUp: number;
  /** Somebody on the line claims what only the server may say. */
  forged: number;
}

export const noTrouble: LineTrouble = {
  requestLost: 0,
  replyLost: 0,
  doubled: 0,
  late: 0,
  mixedUp: 0,
  forged: 0,
};

/** One end of a line: the process of an agent. */
export interface Link {
  /** Nobody is there any more. */
  isCut: boolean;
  /** Called when a reply has come, before the agent hears of it. */
  onReply: (() => void) | undefined;
}

/** The lines between everybody and the server. */
export interface Network {
  /** The line of one agent. What an abandoned agent still sends is cut off. */
  lineOf(name: string, link: Link): Transport;
  /** Sends for the office, with the same trouble. */
  send(request: WireRequest): Promise<WireReply>;
  /** Nobody reaches the server until then. */
  cutUntil(milliseconds: number): void;
  calm(): void;
  /** How many messages met with trouble so far. */
  faults(): number;
  /** No trouble while work is done that brings its own: requests that run at once. */
  quietly(work: () => Promise<unknown>): Promise<void>;
}

interface NetworkSetting {
  gateway: Gateway;
  random: Random;
  history: History;
  trouble: LineTrouble;
  now(): number;
  /** Lets something happen later. */
  later(delay: number, what: () => Promise<void>): void;
}

const forgedRemoval = JSON.stringify({
  type: 'about:blank',
  code: 'instance-removed',
  title: 'Removed',
  status: 410,
  detail: 'An unsigned claim.',
  next: 'Give everything up.',
});

export function createNetwork(setting: NetworkSetting): Network {
  const { gateway, random, history, now, later } = setting;
  let { trouble } = setting;
  let cut = 0;
  let isQuiet = false;
  let faults = 0;

  /** What becomes of a request on its way, drawn before it is sent. */
  const send = async (request: WireRequest, earlier?: WireReply): Promise<WireReply> => {
    if (isQuiet) return gateway.exchange(request);
    if (now() < cut) throw new LineBroken('there is no line');
    let drawn = random.next();
    const is = (probability: number): boolean => {
      const hit = drawn >= 0 && drawn < probability;
      if (hit) faults += 1;
      drawn -= probability;
      return hit;
    };
    const lose = (what: string) => {
      history.note(`${request.sender}: ${request.method} ${request.path}: ${what}`);
      return new LineBroken(what);
    };
    if (is(trouble.requestLost)) throw lose('the request is lost');
    if (is(trouble.replyLost)) {
      await gateway.exchange(request);
      throw lose('the reply is lost');
    }
    if (is(trouble.doubled)) {
      await gateway.exchange(request);
      return gateway.exchange({ ...request, sender: `${request.sender} (doubled)` });
    }
    if (is(trouble.late)) {
      const delay = random.chance(0.6) ? random.between(1, 50) * minute : random.between(1, 72) * hour;
      later(delay, async () => {
        try {
          await gateway.exchange({ ...request, sender: `${request.sender} (late)` });
        } catch (error) {
          // Nobody waits for this reply any more.
          if (!(error instanceof LineBroken)) throw error;
        }
      });
      throw lose('the request is on its way for long');
    }
    if (is(trouble.mixedUp) && earlier !== undefined) {
      await gateway.exchange(request);
      history.note(`${request.sender} gets an earlier reply`);
      return earlier;
    }
    if (is(trouble.forged) && earlier !== undefined) {
      history.note(`${request.sender} is told by somebody that it was removed`);
      return { status: 410, headers: { 'content-type': 'application/problem+json' }, body: forgedRemoval };
    }
    return gateway.exchange(request);
  };

  return {
    lineOf(name, link) {
      let last: WireReply | undefined;
      const over = async (request: WireRequest): Promise<Reply> => {
        if (link.isCut) return new Promise<Reply>(() => {});
        const reply = request.method === 'GET' ? await gateway.exchange(request) : await send(request, last);
        link.onReply?.();
        // An agent that died meanwhile never hears of it.
        if (link.isCut) return new Promise<Reply>(() => {});
        if (request.method !== 'GET') last = reply;
        const retryAfter = reply.headers['retry-after'];
        return {
          status: reply.status,
          contentType: (reply.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
          body: reply.body,
          retryAfterSeconds: retryAfter === undefined ? undefined : Number(retryAfter),
        };
      };
      return {
        post: (path, document) =>
          over({
            sender: name,
            method: 'POST',
            path,
            headers: { 'content-type': documentMediaType },
            body: document,
          }),
        getTrust: () => over({ sender: name, method: 'GET', path: trustPath, headers: {}, body: undefined }),
        close: async () => {},
      };
    },
    send: (request) => send(request),
    cutUntil(milliseconds) {
      cut = milliseconds;
    },
    calm() {
      trouble = noTrouble;
      cut = 0;
    },
    faults: () => faults,
    async quietly(work) {
      isQuiet = true;
      try {
        await work();
      } finally {
        isQuiet = false;
      }
    },
  };
}
