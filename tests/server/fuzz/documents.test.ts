import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createToken } from '@estover/protocol';
import {
  type DeviceMessageKind,
  deviceMessageKinds,
  deviceMessages,
  deviceProblemSchema,
  formatInstanceKeyId,
  type InstanceKeyId,
  problemMediaType,
  refusalRule,
  verifyAnswer,
} from '@estover/protocol/device';
import { createCertificateRequest, generateKeyPair } from '@estover/protocol/signing';
import {
  bitFlips,
  cuts,
  exchangedParts,
  forgeries,
  insertions,
  otherLastLetters,
  randomFrom,
  randomMutant,
  signTexts,
  textsOf,
  withMirroredSignature,
} from '@estover/protocol/testing';
import {
  answerOf,
  deliver,
  fetchTrust,
  fingerprintOf,
  messageIdOf,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '@estover/server/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Said, type Shot, send, shootAll } from './line.ts';

/*
 * Messages of product instances that were tampered with, sent to a real server: each is refused as a problem of the
 * protocol, none is proven to anybody, and not one row of the database is another afterwards. At the end the genuine
 * messages are taken, so that they were good until then.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const mutants = Number(process.env.FUZZ_DOCUMENTS ?? 10_000);

vi.setConfig({ testTimeout: 600_000 });

let server: TestServer;
let tag: string;
/** Two of one account and one of another. */
let device: TestDevice;
let sibling: TestDevice;
let foreigner: TestDevice;
let token: string;
/** A genuine message of each kind that was not sent yet. */
let genuine: Record<DeviceMessageKind, string>;
let newcomer: TestDevice;

beforeAll(async () => {
  server = await startTestServer();
  const { advantage } = await seedCatalog(server);
  tag = advantage;
  const register = async (account: SeededAccount): Promise<TestDevice> => {
    const registered = await testDevice(server);
    answerOf(await registered.register(await tokenOf(account)));
    answerOf(await registered.authorize([{ tag, count: 2 }]));
    return registered;
  };
  const own = await server.account('Own Lines');
  const other = await server.account('Other Lines');
  for (const account of [own, other]) await deliver(server, account, { tag, quantity: 10 });
  device = await register(own);
  sibling = await register(own);
  foreigner = await register(other);
  token = await tokenOf(own);
  newcomer = await testDevice(server);
  const certificateRequest = Buffer.from(await createCertificateRequest(generateKeyPair(), 'SN')).toString(
    'base64',
  );
  genuine = {
    register: await newcomer.writeRegistration(token),
    authorize: device.write('authorize', { ...device.common(), usage: [{ tag, count: 5 }] }),
    'renew-certificate': device.write('renew-certificate', { ...device.common(), certificateRequest }),
    deregister: device.write('deregister', device.common()),
  };
});
afterAll(() => server.close());

async function tokenOf({
  accountId,
  administrator,
  defaultVirtualAccountId,
}: SeededAccount): Promise<string> {
  const params = { accountId, virtualAccountId: defaultVirtualAccountId };
  return (await administrator.call(createToken, { params, body: {} })).secret;
}

const pathOf = (kind: DeviceMessageKind): string => deviceMessages[kind].path;
const largestProblem = 512 * 1024;

/** What is wrong with how the server refused; null when nothing is. */
function faultOf({ status, type, text }: Said): string | null {
  if (status < 400) return `taken with ${status}`;
  if (status >= 500) return `the server failed: ${status} ${text.slice(0, 500)}`;
  if (!type.startsWith(problemMediaType)) return `${status} came as ${type}`;
  if (text.length > largestProblem) return `the refusal has ${text.length} characters`;
  const problem = deviceProblemSchema.safeParse(JSON.parse(text));
  if (!problem.success) return `no problem of the protocol: ${text.slice(0, 500)}`;
  if (problem.data.status !== status || refusalRule(problem.data.code).status !== status)
    return `${status} is not of ${problem.data.code}`;
  // Whoever signed with the key of the instance is told under proof what is wrong with the rest.
  const isProvable = problem.data.code === 'certificate-request-invalid';
  if (problem.data.proof !== undefined && !isProvable)
    return `${problem.data.code} was proven to whoever sent it`;
  if (/node_modules|\.ts:\d|\bat \S+ \(/.test(text)) return `it tells of its code: ${text.slice(0, 500)}`;
  return null;
}

/** Sends what must be refused, and sees that nothing came of it. */
async function expectRefused(shots: Iterable<Shot>): Promise<number> {
  const before = await fingerprintOf(server);
  const { faults, sent } = await shootAll(server, shots, faultOf);
  expect(faults).toBe('');
  expect(await fingerprintOf(server)).toEqual(before);
  return sent;
}

const keysOf = (kind: DeviceMessageKind) => (kind === 'register' ? newcomer : device).keys;
const keyIdOf = ({ key }: TestDevice): InstanceKeyId => key as InstanceKeyId;

describe.each(deviceMessageKinds)('a message to %s is refused, and changes nothing', (kind) => {
  function* shots(mutations: Iterable<Omit<Shot, 'path'>>): Generator<Shot> {
    for (const mutation of mutations) yield { ...mutation, path: pathOf(kind) };
  }

  it('with any bit of its header or signature changed', async () => {
    const document = genuine[kind];
    const [from, to] = [document.indexOf('.'), document.lastIndexOf('.')];
    const flips = [...bitFlips(document)].filter(({ what }) => {
      const at = Number(/byte (\d+)/.exec(what)?.[1]);
      return at <= from || at >= to || at % 8 === 0;
    });
    expect(await expectRefused(shots(flips))).toBeGreaterThan(800);
  });

  it('cut at any length', async () => {
    const lengths = [...cuts(genuine[kind])].filter(({ what }) => what.startsWith('the first'));
    expect(await expectRefused(shots(lengths))).toBe(genuine[kind].length);
  });

  it('with bits behind the last, or with what a lenient reader overlooks', async () => {
    await expectRefused(shots([...otherLastLetters(genuine[kind]), ...insertions(genuine[kind])]));
  });

  it('by other keys and algorithms', async () => {
    await expectRefused(shots(forgeries(genuine[kind], keysOf(kind))));
  });

  it('with parts of other genuine messages, and those as they are', async () => {
    const own = genuine[kind];
    for (const other of Object.values(genuine).filter((document) => document !== own)) {
      const exchanged = [
        ...exchangedParts([own, other]),
        { what: 'a message of another kind', document: other },
      ];
      await expectRefused(shots(exchanged));
    }
  });

  it('in any form of JSON that readers understand differently, though its signature is genuine', async () => {
    const [header, payload] = textsOf(genuine[kind]);
    const { privateKey } = keysOf(kind);
    const rest = payload.slice(1);
    const texts = [
      `{"messageId":"0193c5a0-0000-7000-8000-00000000a001",${rest}`,
      `{"\\u006dessageId":"0193c5a0-0000-7000-8000-00000000a001",${rest}`,
      `{"__proto__":{"usage":[]},${rest}`,
      `{"constructor":{"prototype":{"polluted":true}},${rest}`,
      `{"extra":1,${rest}`,
      `{"Sequence":1,${rest}`,
      `\ufeff${payload}`,
      `${payload}\0`,
      `${payload}{}`,
      `/* */${payload}`,
      payload.replace('"sequence":', '"sequence":-'),
      payload.replace(/"sequence":\d+/, '"sequence":1e400'),
      payload.replace(/"sequence":\d+/, '"sequence":1.5'),
      payload.replace(/"sequence":\d+/, '"sequence":9007199254740993'),
      payload.replace(/"sequence":(\d+)/, '"sequence":"$1"'),
      payload.replace(/"sentAt":"[^"]+"/, '"sentAt":"2026-11-22T12:00:60Z"'),
      payload.replace(/"sentAt":"[^"]+"/, '"sentAt":"2026-11-22T13:00:00+01:00"'),
      payload.replace(/"messageId":"([^"]+)"/, (_, id: string) => `"messageId":"${id.toUpperCase()}"`),
      payload.replace(/"messageId":"([^"]+)"/, (_, id: string) => `"messageId":"${id}\\u0000"`),
      `[${payload}]`,
      JSON.stringify(payload),
      'null',
      '',
    ].filter((text) => text !== payload);
    const wrong = texts.map((text) => ({
      what: text.slice(0, 80),
      document: signTexts(header, text, privateKey),
    }));
    await expectRefused(shots(wrong));
  });

  it('when it is made to be costly', async () => {
    const [header, payload] = textsOf(genuine[kind]);
    const { privateKey } = keysOf(kind);
    const rest = payload.slice(1);
    const room = 40_000;
    const many = Array.from({ length: 3_000 }, (_, number) => `"m${number}":0`).join(',');
    const texts = [
      `{"x":${'['.repeat(room / 2)}${']'.repeat(room / 2)},${rest}`,
      `${'{"x":'.repeat(room / 6)}0${'}'.repeat(room / 6)}`,
      `{${many},${rest}`,
      `{"x":"${'\\\\'.repeat(room / 2)}",${rest}`,
      `{"x":"${'\\u0061'.repeat(room / 6)}",${rest}`,
      `{"x":${'9'.repeat(room)},${rest}`,
      `{"x":0.${'1'.repeat(room)},${rest}`,
      `{${' '.repeat(room)}"x":0,${rest}`,
      payload.replace(/"sentAt":"[^"]+"/, `"sentAt":"2026-11-22T12:00:00.${'1'.repeat(room)}Z"`),
      payload.replace(/"usage":\[/, `"usage":[${'{"tag":"a","count":1},'.repeat(1_500)}`),
      payload.replace(
        /"certificateRequest":"[^"]+"/,
        `"certificateRequest":"${Buffer.alloc(12_000, '30803080', 'hex').toString('base64')}"`,
      ),
    ].filter((text) => text !== payload);
    const costly = texts.map((text) => ({
      what: text.slice(0, 80),
      document: signTexts(header, text, privateKey),
    }));
    const oversized = ['.', 'A', '..A.', '\0'].map((text) => ({
      what: `only ${text}`,
      document: text.repeat(66_000),
    }));
    const inHeader = `{"alg":"${'x'.repeat(45_000)}",${header.slice(1)}`;
    const loud = { what: 'a long algorithm', document: signTexts(inHeader, payload, privateKey) };
    await expectRefused(shots([...costly, ...oversized, loud]));
  });
});

describe('a message of one instance', () => {
  it('is no message of another, whoever signs it', async () => {
    const keys = [device, sibling, foreigner].map(keyIdOf);
    const parts = (name: keyof InstanceKeyId) => [...new Set(keys.map((key) => key[name]))];
    const shots: Shot[] = [];
    for (const accountId of parts('accountId')) {
      for (const instanceId of parts('instanceId')) {
        for (const certificateSerial of parts('certificateSerial')) {
          const key = { accountId, instanceId, certificateSerial };
          for (const signer of [device, sibling, foreigner, newcomer]) {
            if (signer.key !== undefined && formatInstanceKeyId(key) === formatInstanceKeyId(signer.key))
              continue;
            for (const kind of ['authorize', 'renew-certificate', 'deregister'] as const) {
              const header = { alg: 'ES256', typ: deviceMessages[kind].type, kid: formatInstanceKeyId(key) };
              const [, payload] = textsOf(genuine[kind]);
              const document = signTexts(JSON.stringify(header), payload, signer.keys.privateKey);
              shots.push({
                what: `for ${formatInstanceKeyId(key)} by another`,
                path: pathOf(kind),
                document,
              });
            }
          }
        }
      }
    }
    expect(await expectRefused(shots)).toBeGreaterThan(150);
  });
});

it(`none of ${mutants} messages changed at random is taken (FUZZ_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const documents = Object.values(genuine);
  function* shots(): Generator<Shot> {
    for (let made = 0; made < mutants; made += 1) {
      const kind = random.pick(deviceMessageKinds);
      yield { ...randomMutant(genuine[kind], documents, random), path: pathOf(kind) };
    }
  }
  const memoryBefore = heapInUse();
  expect(await expectRefused(shots())).toBe(mutants);
  // What a refused message leaves behind in memory must not add up.
  expect(heapInUse() - memoryBefore).toBeLessThan(64 * 1024 * 1024);
});

/** Bytes after everything that is not held was collected. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

describe('the genuine messages', () => {
  /** Sends a document, its bytes again and its mirrored signature: one answer, and one effect. */
  async function expectTakenOnce(
    kind: DeviceMessageKind,
    first: string,
    repeats: readonly string[],
  ): Promise<void> {
    const trust = await fetchTrust(server.address);
    const read = async (document: string) => {
      const said = await send(server, pathOf(kind), document);
      const expected = { messageId: messageIdOf(first), instance: undefined, trust, at: server.clock.now() };
      const verified = verifyAnswer(kind, said.text, expected);
      if (!verified.ok) throw new Error(`${kind}: ${said.status} ${said.text}`);
      return verified.answer;
    };
    const answer = await read(first);
    expect(answer.replayed).toBeUndefined();
    const before = await fingerprintOf(server);
    for (const repeat of repeats) expect(await read(repeat)).toEqual({ ...answer, replayed: true });
    expect(await fingerprintOf(server)).toEqual(before);
  }

  it.each(['register', 'authorize', 'renew-certificate', 'deregister'] as const)(
    'to %s are taken at last, once: the mirrored signature makes no second message',
    async (kind) => {
      const document = genuine[kind];
      const mirrored = withMirroredSignature(document);
      // Whichever of the two arrives first, the other is its repeat.
      if (kind === 'authorize') await expectTakenOnce(kind, mirrored, [document, mirrored]);
      else await expectTakenOnce(kind, document, [mirrored, document]);
    },
  );

  it('are refused with other content under their ids', async () => {
    const document = sibling.write('authorize', { ...sibling.common(), usage: [{ tag, count: 3 }] });
    expect((await send(server, pathOf('authorize'), document)).status).toBe(200);
    const before = await fingerprintOf(server);
    const [header, payload] = textsOf(document);
    const other = payload.replace('"count":3', '"count":4');
    const said = await send(server, pathOf('authorize'), signTexts(header, other, sibling.keys.privateKey));
    expect(JSON.parse(said.text)).toMatchObject({ code: 'message-id-reused', field: 'usage' });
    expect(await fingerprintOf(server)).toEqual(before);
  });

  it('left no trace in the objects of the program', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });
});
