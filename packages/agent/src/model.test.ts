import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizationStateOf } from '@estover/domain/product-instances';
import { formatSecret } from '@estover/protocol/secrets';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import { AgentError } from './errors.ts';
import { type AgentState, usageOf } from './state.ts';
import { openStore } from './store.ts';
import { FakeServer, type Fault } from './testing/fake-server.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const expiredToken = formatSecret(
  'esrt_',
  '0193c5a0-0000-7000-8000-000000000001',
  new Uint8Array(20).fill(2),
);

/** What may happen to a product, its line, its clock and its server, in any order. */
type Happening =
  | { kind: 'request'; tag: string; count: number }
  | { kind: 'register'; force: boolean; good: boolean }
  | { kind: 'deregister' }
  | { kind: 'renew'; certificate: boolean }
  | { kind: 'reboot' }
  | { kind: 'pass'; seconds: number }
  | { kind: 'clock-jump'; seconds: number }
  | { kind: 'faults'; faults: Fault[] }
  | { kind: 'server-removes' }
  | { kind: 'server-rotates-key' }
  | { kind: 'server-buys'; count: number }
  | { kind: 'server-policy'; refuse: boolean };

const day = 86_400;
const fault = fc.constantFrom<Fault>(
  'none',
  'request-lost',
  'reply-lost',
  'doubled',
  'busy',
  'garbage',
  'forged-removal',
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('request'),
      tag: fc.constantFrom('A', 'B', 'C'),
      count: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('register'),
      force: fc.boolean(),
      good: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'deregister' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew'), certificate: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'reboot' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass'),
      seconds: fc.constantFrom(10, 3000, 4000, day, 31 * day, 91 * day, 185 * day, 370 * day),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock-jump'),
      seconds: fc.constantFrom(-400 * day, -day, -4000, 3000, 4000, 400 * day),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('faults'),
      faults: fc.array(fault, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'server-removes' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'server-rotates-key' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('server-buys'), count: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('server-policy'), refuse: fc.boolean() }) },
) as fc.Arbitrary<Happening>;

/** One product, its folder and its server. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'estover-model-'));
  at = Temporal.Instant.from('2026-11-22T12:00:00Z');
  clockErrorSeconds = 0;
  /** What the product last said of each license. */
  readonly wanted = new Map<string, number>();
  lastSequence = 0;
  readonly server: FakeServer;
  #agent: Agent | undefined;
  #randomState: number;

  private constructor(server: FakeServer, seed: number) {
    this.server = server;
    this.#randomState = seed;
  }

  get agent(): Agent {
    if (this.#agent === undefined) throw new Error('the product was not started');
    return this.#agent;
  }

  static async create(seed: number): Promise<World> {
    let world: World | undefined;
    const server = await FakeServer.create(() => world?.at ?? Temporal.Instant.from('2026-11-22T12:00:00Z'));
    server.tokens.set(token, 'good').set(expiredToken, 'expired');
    server.owned.set('A', 3).set('B', 5);
    world = new World(server, seed + 1);
    await world.reboot();
    return world;
  }

  /** A small generator, so that a seed repeats a run. */
  random(): number {
    this.#randomState = (this.#randomState * 48_271 + 11) % 2_147_483_647;
    return this.#randomState / 2_147_483_647;
  }

  async reboot(): Promise<void> {
    this.#agent = await createAgent({
      folder: this.folder,
      identity,
      transport: this.server,
      now: () => this.at.add({ seconds: this.clockErrorSeconds }),
      random: () => this.random(),
    });
  }

  pass(seconds: number): void {
    this.at = this.at.add({ seconds });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const identity = { productId: 'RT-100', serialNumber: 'SN0001' };

async function happen(world: World, event: Happening): Promise<void> {
  const { agent, server } = world;
  switch (event.kind) {
    case 'request':
      world.wanted.set(event.tag, event.count);
      await agent.request(event.tag, event.count);
      break;
    case 'register':
      await tolerate(agent.register(event.good ? token : expiredToken, { force: event.force }));
      break;
    case 'deregister':
      await tolerate(agent.deregister());
      break;
    case 'renew':
      await tolerate(event.certificate ? agent.renewCertificate() : agent.renewAuthorization());
      break;
    case 'reboot':
      await world.reboot();
      break;
    case 'pass':
      world.pass(event.seconds);
      await agent.settle();
      break;
    case 'clock-jump':
      world.clockErrorSeconds = event.seconds;
      await agent.settle();
      break;
    case 'faults':
      server.faults = [...event.faults];
      await agent.settle();
      break;
    case 'server-removes': {
      const instance = server.find(identity.serialNumber);
      if (instance !== undefined) instance.removed = true;
      break;
    }
    case 'server-rotates-key':
      server.rotateSigningKey();
      break;
    case 'server-buys':
      server.owned.set('A', event.count);
      break;
    case 'server-policy':
      server.sequencePolicy = event.refuse ? 'refuse' : 'flag';
      break;
  }
}

/** A refusal is an outcome like another here; anything else is a mistake. */
async function tolerate(attempt: Promise<unknown>): Promise<void> {
  try {
    await attempt;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
  }
}

function payloadOf(document: string): { messageId: string; sequence: number } {
  return JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString());
}

/** True after every single happening. */
function checkAlways(world: World): void {
  const state = openStore(world.folder).read();
  const live = [...world.server.instances.values()].filter(({ removed }) => !removed);
  expect(live.length).toBeLessThanOrEqual(1);
  expect(state.lastSequence).toBeGreaterThanOrEqual(world.lastSequence);
  world.lastSequence = state.lastSequence;
  expect(state.evaluation.usedSeconds).toBeLessThanOrEqual(90 * day);
  expect((state.credentials === null) === (state.registration === 'registered')).toBe(false);
  if (state.registration !== 'registered') {
    expect(['no-licenses-in-use', 'evaluation', 'evaluation-expired']).toContain(state.authorization);
    expect(state.authorization === 'no-licenses-in-use').toBe(state.use.length === 0);
  }
  const wanted = [...world.wanted].filter(([, count]) => count > 0).sort();
  expect(state.use.map(({ tag, count }) => [tag, count]).sort()).toEqual(wanted);
  expect(world.server.alerts).toEqual([]);
}

/** A registration is lost only for a cause: a wish, a removal that is true, or the end of the certificate. */
function checkLoss(world: World, event: Happening, before: AgentState): void {
  const after = openStore(world.folder).read();
  if (before.registration !== 'registered' || after.registration !== 'unregistered') return;
  const instance = world.server.instances.get(before.credentials?.instanceId ?? '');
  expect(event.kind === 'deregister' || instance?.removed === true).toBe(true);
}

/** One message, one sequence number, one text: whatever arrived, and however often. */
function checkMessages(world: World): void {
  const texts = new Map<string, string>();
  const sequences = new Map<number, string>();
  for (const { document } of world.server.arrived) {
    const { messageId, sequence } = payloadOf(document);
    expect(texts.get(messageId) ?? document).toBe(document);
    expect(sequences.get(sequence) ?? messageId).toBe(messageId);
    texts.set(messageId, document);
    sequences.set(sequence, messageId);
  }
}

/** Once the line and the clock are good again, both sides come to agree. */
async function checkAgreement(world: World): Promise<void> {
  world.server.faults = [];
  world.clockErrorSeconds = 0;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await world.agent.settle();
    world.pass(3600);
  }
  const told = world.server.instances.get(world.agent.status().registration.instanceId ?? '');
  if (told !== undefined && !told.removed)
    expect(told.usage).toEqual(usageOf(openStore(world.folder).read()));
  // What changed at the server is heard at the next contact; ask for it.
  await tolerate(world.agent.renewAuthorization());
  expect(await world.agent.settle()).toEqual({ done: true });
  const status = world.agent.status();
  const instance = world.server.find(identity.serialNumber);
  if (status.registration.state !== 'registered') return;
  expect(instance?.instanceId).toBe(status.registration.instanceId);
  const inUse = status.licenses.map(({ tag, count }) => ({ tag, count }));
  expect(instance?.usage).toEqual(inUse);
  const expected = inUse.map(({ tag, count }) => {
    const owned = world.server.owned.get(tag);
    const state =
      owned === undefined ? 'invalid-tag' : count <= owned ? 'in-compliance' : 'out-of-compliance';
    return { tag, count, state } as const;
  });
  expect(status.licenses.map(({ tag, count, state }) => ({ tag, count, state }))).toEqual(expected);
  expect(status.authorization.state).toBe(authorizationStateOf(expected));
}

it('agrees with its server in the end, whatever happened in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 5, maxLength: 30 }),
      fc.nat(1_000_000),
      async (events, seed) => {
        const world = await World.create(seed);
        try {
          for (const event of events) {
            const before = openStore(world.folder).read();
            await happen(world, event);
            checkAlways(world);
            checkLoss(world, event, before);
          }
          await checkAgreement(world);
          checkMessages(world);
        } finally {
          world.remove();
        }
      },
    ),
    { numRuns: 60, endOnFailure: false },
  );
}, 120_000);
