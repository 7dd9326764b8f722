import { type AnswerOf, type CallInput, createClient, type Operation, ProblemError } from '@estover/protocol';
import type { Gateway } from './gateway.ts';
import type { Network } from './network.ts';
import { LineBroken, type WireRequest } from './wire.ts';

/** Somebody with an API key, who repeats a request with the same key of its own until it is answered. */
export interface Clerk {
  readonly name: string;
  readonly apiKey: string;
  /** The answer, or the code of the refusal. */
  call<O extends Operation>(
    operation: O,
    input: CallInput<O>,
  ): Promise<{ ok: true; answer: AnswerOf<O> } | { ok: false; code: string }>;
}

/** Longer than this nobody repeats in one go: the line is taken for dead. */
const mostAttempts = 40;

export function createClerk(
  { network, gateway, newKey }: { network: Network; gateway: Gateway; newKey(): string },
  name: string,
  apiKey: string,
): Clerk {
  let through: (request: WireRequest) => ReturnType<Network['send']> = (request) => network.send(request);
  const client = createClient({
    baseUrl: 'http://estover.test',
    apiKey,
    fetch: async (address, init) => {
      const url = new URL(String(address));
      const reply = await through({
        sender: name,
        method: init?.method ?? 'GET',
        path: `${url.pathname}${url.search}`,
        headers: init?.headers as Record<string, string>,
        body: init?.body === undefined || init.body === null ? undefined : String(init.body),
      });
      return new Response(reply.body, { status: reply.status, headers: { ...reply.headers } });
    },
  });
  return {
    name,
    apiKey,
    async call(operation, input) {
      const given = { idempotencyKey: newKey(), ...input };
      for (let attempt = 1; ; attempt++) {
        // When the line stays dead somebody walks over: what was begun has to be finished.
        through = (request) => (attempt < mostAttempts ? network.send(request) : gateway.exchange(request));
        try {
          return { ok: true, answer: await client.call(operation, given) };
        } catch (error) {
          if (error instanceof ProblemError) return { ok: false, code: error.problem.code };
          if (!(error instanceof LineBroken)) throw error;
        }
      }
    },
  };
}
