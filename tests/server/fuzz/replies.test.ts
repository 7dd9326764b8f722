import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent, type Reply, type Transport } from '@estover/agent';
import { createToken, removeProductInstance } from '@estover/protocol';
import { deviceRefusalCodes, documentMediaType, problemMediaType } from '@estover/protocol/device';
import { generateKeyPair } from '@estover/protocol/signing';
import {
  bitFlips,
  forgeries,
  insertions,
  type Mutant,
  otherLastLetters,
  randomFrom,
  randomMutant,
} from '@estover/protocol/testing';
import { deliver, fetchTrust, seedCatalog, startTestServer, type TestServer } from '@estover/server/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exchange } from '../../../packages/agent/src/exchange.ts';
import type { AgentState, OutgoingMessage } from '../../../packages/agent/src/state.ts';
import { type AgentInput, step } from '../../../packages/agent/src/step.ts';
import { openStore } from '../../../packages/agent/src/store.ts';
import { createTransport } from '../../../packages/agent/src/transport.ts';

/*
 * What a real server answered, tampered with on its way back. A real agent that waits for the answer believes none of it:
 * it never throws, and keeps its registration, its certificate, its use and its sequence number as they were. At the end
 * it takes the genuine answer.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const mutants = Number(process.env.FUZZ_DOCUMENTS ?? 10_000);

vi.setConfig({ testTimeout: 600_000 });

/** An agent's state with a message on its way, and the server's genuine reply that has not arrived. */
interface Wait {
  name: string;
  state: AgentState;
  message: OutgoingMessage;
  reply: Reply;
  /** The signed document in the reply. */
  document: string;
}

let server: TestServer;
let trust: Reply;
const waits: Wait[] = [];
const folders: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const { advantage } = await seedCatalog(server);
  const account = await server.account();
  const { accountId, administrator, defaultVirtualAccountId } = account;
  await deliver(server, account, { tag: advantage, quantity: 5 });
  const params = { accountId, virtualAccountId: defaultVirtualAccountId };
  const { secret: token } = await administrator.call(createToken, { params, body: {} });

  /** Does something while no reply comes back, and keeps what would have come. */
  const lose = async (
    name: string,
    act: (agent: Agent) => Promise<unknown>,
    before?: (agent: Agent) => Promise<unknown>,
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'estover-replies-'));
    folders.push(folder);
    const line = createTransport({ serverUrl: server.address, caFile: null, proxyUrl: null });
    let isCut = false;
    let lost: Reply | undefined;
    const transport: Transport = {
      async post(path, document) {
        const reply = await line.post(path, document);
        if (!isCut) return reply;
        lost = reply;
        throw new Error('the line was cut');
      },
      getTrust: () => line.getTrust(),
      close: () => line.close(),
    };
    const identity = { productId: 'RT-100', serialNumber: name.toUpperCase() };
    const agent = await createAgent({
      folder,
      identity,
      transport,
      now: () => server.clock.now(),
      random: () => 0,
    });
    await before?.(agent);
    isCut = true;
    await act(agent);
    await line.close();
    const state = openStore(folder).read();
    if (state.outgoing === null || lost === undefined) throw new Error(`${name}: nothing is on its way`);
    const document = lost.status === 200 ? lost.body : (JSON.parse(lost.body) as { proof: string }).proof;
    waits.push({ name, state, message: state.outgoing, reply: lost, document });
  };
  const registered = async (agent: Agent) => {
    await agent.request(advantage, 2);
    await agent.register(token);
  };
  await lose('register', (agent) => agent.register(token));
  await lose('authorize', (agent) => agent.request(advantage, 3).then(() => agent.settle()), registered);
  await lose('renew', (agent) => agent.renewCertificate(), registered);
  await lose('deregister', (agent) => agent.deregister(), registered);
  await lose(
    'removed',
    async (agent) => {
      const { instanceId } = agent.status().registration;
      await administrator.call(removeProductInstance, {
        params: { accountId, instanceId: instanceId ?? '' },
      });
      await agent.renewAuthorization();
    },
    registered,
  );
  const line = createTransport({ serverUrl: server.address, caFile: null, proxyUrl: null });
  trust = await line.getTrust();
  await line.close();
});
afterAll(async () => {
  await server.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A reply in which the signed document is another. */
function withDocument({ reply }: Wait, document: string): Reply {
  if (reply.status === 200) return { ...reply, body: document };
  return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), proof: document }) };
}

/** The state after a reply arrived, and what the agent made of it. */
async function arrive(
  { state, message }: Wait,
  reply: Reply,
): Promise<{ inputs: AgentInput[]; after: AgentState }> {
  const at = server.clock.now();
  const line: Transport = { post: async () => reply, getTrust: async () => trust, close: async () => {} };
  const inputs = await exchange(state, message, line, () => at);
  let after = state;
  for (const input of inputs) after = step(after, input, { at, random: () => 0 }).state;
  return { inputs, after };
}

/** What must outlive whatever anybody on the line says. */
function lasting({
  registration,
  credentials,
  account,
  identity,
  use,
  lastSequence,
  authorization,
  enrolment,
}: AgentState) {
  return { registration, credentials, account, identity, use, lastSequence, authorization, enrolment };
}

/** What is wrong with how an agent took a reply that is not the server's; null when nothing is. */
async function faultOf(wait: Wait, reply: Reply): Promise<string | null> {
  try {
    const { inputs, after } = await arrive(wait, reply);
    const believed = inputs.find(
      (input) => input.kind === 'answered' || (input.kind === 'refused' && input.refusal.proven),
    );
    if (believed !== undefined) return `believed as ${believed.kind}`;
    if (JSON.stringify(lasting(after)) !== JSON.stringify(lasting(wait.state)))
      return 'it changed what must last';
    return after.outgoing?.document === wait.message.document
      ? null
      : 'the message is not on its way any more';
  } catch (error) {
    return `threw ${String(error)}`;
  }
}

async function expectNothingBelieved(replies: Iterable<[Wait, Mutant]>): Promise<number> {
  const faults: string[] = [];
  let arrived = 0;
  for (const [wait, { what, document }] of replies) {
    const fault = await faultOf(wait, withDocument(wait, document));
    if (fault !== null) faults.push(`${wait.name}, ${what}: ${fault}\n  ${document.slice(0, 6_000)}`);
    if (faults.length === 10) break;
    arrived += 1;
  }
  expect(faults.join('\n\n')).toBe('');
  return arrived;
}

const of = (wait: Wait, mutations: Iterable<Mutant>) =>
  [...mutations].map((mutant): [Wait, Mutant] => [wait, mutant]);

describe('an agent does not believe an answer', () => {
  it('with any byte changed, or with what a lenient reader overlooks', async () => {
    for (const wait of waits) {
      await expectNothingBelieved(of(wait, bitFlips(wait.document)));
      await expectNothingBelieved(of(wait, otherLastLetters(wait.document)));
      await expectNothingBelieved(of(wait, insertions(wait.document)));
    }
  });

  it('by other keys and algorithms', async () => {
    const [key] = (await fetchTrust(server.address)).signingKeys.keys;
    const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
    const { privateKey } = generateKeyPair();
    for (const wait of waits)
      await expectNothingBelieved(of(wait, forgeries(wait.document, { privateKey, publicKey })));
  });

  it('that was for somebody else, or for another message', async () => {
    for (const wait of waits) {
      const others = waits.filter(({ name }) => name !== wait.name);
      for (const other of others) {
        expect(await faultOf(wait, other.reply), `${other.name} for ${wait.name}`).toBeNull();
        const mixed = { what: other.name, document: other.document };
        await expectNothingBelieved([[wait, mixed]]);
      }
    }
  });

  it(`of ${mutants} that were changed at random (FUZZ_SEED=${seed})`, async () => {
    const random = randomFrom(seed);
    const documents = waits.map(({ document }) => document);
    function* changed(): Generator<[Wait, Mutant]> {
      for (let made = 0; made < mutants; made += 1) {
        const wait = random.pick(waits);
        yield [wait, randomMutant(wait.document, documents, random)];
      }
    }
    expect(await expectNothingBelieved(changed())).toBe(mutants);
  });
});

describe('an agent that is registered', () => {
  it('keeps its registration, whatever refusal anybody on the line writes without a proof', async () => {
    const statuses = [200, 400, 401, 404, 409, 410, 500, 503];
    for (const wait of waits.filter(({ name }) => name !== 'register')) {
      for (const code of [...deviceRefusalCodes, 'something-new', '__proto__']) {
        for (const status of statuses) {
          const facts = {
            lastSequence: 2 ** 52,
            serverTime: '2001-01-01T00:00:00Z',
            differenceSeconds: -9e8,
          };
          const problem = {
            type: 'x',
            code,
            title: 'x',
            status,
            detail: 'x',
            next: 'x',
            instanceId: 'x',
            ...facts,
          };
          for (const proof of [{}, { proof: '' }, { proof: 'a.b.c' }]) {
            const body = JSON.stringify({ ...problem, ...proof });
            const { after } = await arrive(wait, {
              ...wait.reply,
              status,
              contentType: problemMediaType,
              body,
            });
            expect(lasting(after), `${wait.name}: ${code}, ${status}`).toEqual(lasting(wait.state));
          }
        }
      }
    }
  });

  it('takes no reply for one that is none', async () => {
    const bodies = [
      '',
      '{}',
      'null',
      '[]',
      '<html>',
      '\0',
      '{"__proto__":{}}',
      `${'['.repeat(50_000)}`,
      'x'.repeat(500_000),
    ];
    for (const wait of waits) {
      for (const body of bodies) {
        for (const contentType of [documentMediaType, problemMediaType, 'text/html', '']) {
          for (const status of [100, 200, 204, 302, 404, 418, 502]) {
            expect(await faultOf(wait, { ...wait.reply, status, contentType, body })).toBeNull();
          }
        }
      }
    }
  });

  it('takes the genuine reply at last', async () => {
    for (const wait of waits) {
      const { inputs, after } = await arrive(wait, wait.reply);
      expect(inputs.at(-1)?.kind, wait.name).toBe(wait.name === 'removed' ? 'refused' : 'answered');
      expect(after.outgoing, wait.name).toBeNull();
    }
    const removed = waits.find(({ name }) => name === 'removed') as Wait;
    expect((await arrive(removed, removed.reply)).after.registration).toBe('unregistered');
  });
});
