import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deviceMessageKinds,
  deviceMessages,
  deviceProblem,
  openRequest,
  problemMediaType,
  signRequest,
} from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { generateKeyPair } from '@estover/protocol/signing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import { FakeServer } from './testing/fake-server.ts';
import type { Reply } from './transport.ts';

/*
 * Epochs between servers that know them, servers that do not, and somebody on the line.
 */

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const identity = { productId: 'RT-100', serialNumber: 'SN0001' };

let folder: string;
let at: Temporal.Instant;
let server: FakeServer;
let agent: Agent;
/** What somebody on the line does with a message; undefined lets it pass. */
let onLine: ((path: string, document: string) => Promise<Reply>) | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-epochs-'));
  at = Temporal.Instant.from('2026-11-22T12:00:00Z');
  server = await FakeServer.create(() => at);
  server.tokens.set(token, 'good');
  server.owned.set('A', 10);
  server.epoch = 7;
  onLine = undefined;
  const transport = {
    getTrust: () => server.getTrust(),
    post: (path: string, document: string) =>
      onLine === undefined ? server.post(path, document) : onLine(path, document),
    close: async () => {},
  };
  agent = await createAgent({ folder, identity, transport, now: () => at, random: () => 0 });
  expect(await agent.register(token)).toEqual({ done: true });
});

afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The epochs that the messages since `from` named, as they arrived. */
const epochs = (from = 1): (number | undefined)[] =>
  server.arrived
    .slice(from)
    .map(
      ({ document }) => JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString()).epoch,
    );

async function use(count: number): Promise<void> {
  await agent.request('A', count);
  await settled();
}

/** Goes on through back-offs until everything is told. */
async function settled(): Promise<void> {
  for (let attempt = 1; !(await agent.settle()).done; attempt += 1) {
    if (attempt === 5) throw new Error('it does not settle');
    at = at.add({ hours: 1 });
  }
}

const registration = () => agent.status().registration.state;

/** The same message as somebody asks it who has no key: with a serial number of a certificate that is made up. */
function forge(path: string, document: string): string {
  const kind = deviceMessageKinds.find((candidate) => deviceMessages[candidate].path === path);
  if (kind !== 'authorize') throw new Error(`not expected: ${path}`);
  const opened = openRequest(kind, document);
  if (!opened.ok) throw new Error(opened.detail);
  const payload = JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString());
  return signRequest(kind, payload, generateKeyPair().privateKey, {
    ...opened.key,
    certificateSerial: '4f00',
  });
}

describe('after a restore', () => {
  it('is not talked out of its registration by a proof about a certificate that is not its own', async () => {
    server.epoch = 8;
    let asked: Reply | undefined;
    onLine = async (path, document) => {
      asked = await server.post(path, forge(path, document));
      return asked;
    };
    await agent.request('A', 2);
    expect(await agent.settle()).not.toEqual({ done: true });
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      code: 'certificate-unknown',
      proof: expect.any(String),
    });
    expect(registration()).toBe('registered');
    onLine = undefined;
    await settled();
    expect(registration()).toBe('registered');
    expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: 2 }]);
  });

  it('gives its registration up when its own certificate is not known', async () => {
    server.epoch = 8;
    server.find('SN0001')?.certificates.clear();
    await use(2);
    expect(registration()).toBe('unregistered');
  });
});

describe('a server of the first release that answers in between', () => {
  it('gets the report without the epoch, at once, and so do all messages until an epoch is told again', async () => {
    await use(1);
    server.epoch = undefined;
    await use(2);
    await use(3);
    expect(epochs()).toEqual([7, 7, undefined, undefined]);
    expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: 3 }]);
    expect(at.since(Temporal.Instant.from('2026-11-22T12:00:00Z')).total('hours')).toBeLessThan(12);
    server.epoch = 7;
    await use(4);
    await use(5);
    expect(epochs(5)).toEqual([undefined, 7]);
    expect(registration()).toBe('registered');
  });

  it('renews the certificate', async () => {
    server.epoch = undefined;
    const before = [...(server.find('SN0001')?.certificates.keys() ?? [])];
    await agent.renewCertificate();
    await settled();
    await use(1);
    expect(server.arrived.slice(1).map(({ kind }) => kind)).toEqual([
      ...['renew-certificate', 'renew-certificate', 'authorize'],
    ]);
    expect([...(server.find('SN0001')?.certificates.keys() ?? [])]).not.toEqual(before);
  });

  it('is told the farewell', async () => {
    server.epoch = undefined;
    await agent.deregister();
    await settled();
    expect(epochs()).toEqual([7, undefined]);
    expect(server.find('SN0001')).toBeUndefined();
  });

  it('is taken for one by a claim on the line without harm: a restored server is still believed', async () => {
    const claim = { status: 400, contentType: problemMediaType, retryAfterSeconds: undefined };
    onLine = async () => ({ ...claim, body: JSON.stringify(deviceProblem('document-malformed', 'forged')) });
    await agent.request('A', 1);
    await agent.settle();
    onLine = undefined;
    server.epoch = 8;
    server.instances.clear();
    at = at.add({ hours: 1 });
    await agent.settle();
    expect(registration()).toBe('registered');
    at = at.add({ hours: 13 });
    await agent.settle();
    expect(epochs()).toEqual([undefined, 7]);
    expect(registration()).toBe('unregistered');
  });
});
