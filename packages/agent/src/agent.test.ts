import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceProblem, problemMediaType } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import { readEvents } from './event-log.ts';
import { FakeServer } from './testing/fake-server.ts';
import type { Reply } from './transport.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const oldToken = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(2));
const identity = { productId: 'RT-100', serialNumber: 'SN0001', hostName: 'edge-1', softwareVersion: '3.2' };

let folder: string;
let at: Temporal.Instant;
let server: FakeServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-agent-'));
  at = Temporal.Instant.from('2026-11-22T12:00:00Z');
  server = await FakeServer.create(() => at);
  server.tokens.set(token, 'good').set(oldToken, 'expired');
  server.owned.set('A', 10);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: { now?: () => Temporal.Instant; folder?: string } = {}): Promise<Agent> =>
  createAgent({ folder, identity, transport: server, now: () => at, random: () => 0, ...options });

function pass(duration: Temporal.DurationLike): void {
  at = at.add(duration);
}

const refused = { contentType: problemMediaType, retryAfterSeconds: undefined };

/** Puts another function in the place of one of the line; returns what puts it back. */
function replace<Name extends 'post' | 'getTrust'>(name: Name, by: FakeServer[Name]): () => void {
  const real = server[name];
  server[name] = by;
  return () => {
    server[name] = real;
  };
}

const days = (count: number) => ({ hours: 24 * count });

describe('an agent', () => {
  it('registers, reports use, hears of compliance, deregisters', async () => {
    const agent = await open();
    expect(agent.status().registration.state).toBe('unregistered');
    expect(await agent.register(token)).toEqual({ done: true });
    expect(agent.status()).toMatchObject({
      registration: { state: 'registered', accountName: 'Example', virtualAccountName: 'Lab' },
      authorization: { state: 'no-licenses-in-use', nextContactAt: '2026-12-22T12:00:00Z' },
    });

    await agent.request('A', 4);
    expect(agent.status().licenses).toEqual([{ tag: 'A', name: 'A', count: 4, state: 'waiting' }]);
    expect(await agent.settle()).toEqual({ done: true });
    expect(agent.status().licenses).toEqual([
      { tag: 'A', name: 'Name of A', count: 4, state: 'in-compliance' },
    ]);
    expect(agent.status().authorization.state).toBe('authorized');

    await agent.request('A', 11);
    await agent.settle();
    expect(agent.status().authorization).toMatchObject({
      state: 'out-of-compliance',
      nextContactAt: '2026-11-23T00:00:00Z',
      deadlineAt: '2027-02-20T12:00:00Z',
    });

    await agent.release('A', 2);
    await agent.request('B', 1);
    await agent.settle();
    expect(agent.status().licenses.map(({ tag, count, state }) => [tag, count, state])).toEqual([
      ['A', 9, 'in-compliance'],
      ['B', 1, 'invalid-tag'],
    ]);
    expect(await agent.deregister()).toEqual({ done: true });
    expect(agent.status()).toMatchObject({
      registration: { state: 'unregistered', instanceId: null },
      authorization: { state: 'evaluation' },
    });
    expect(server.find('SN0001')).toBeUndefined();
  });

  it('tells nothing that did not change', async () => {
    const agent = await open();
    await agent.register(token);
    await agent.request('A', 1);
    await agent.settle();
    await agent.request('A', 1);
    await agent.settle();
    pass(days(29));
    await agent.settle();
    expect(server.arrived.map(({ kind }) => kind)).toEqual(['register', 'authorize']);
    pass(days(1));
    await agent.settle();
    expect(server.arrived).toHaveLength(3);
  });

  it('renews its certificate with a new key after six months and goes on with it', async () => {
    const agent = await open();
    await agent.register(token);
    const serials = () => [...(server.find('SN0001')?.certificates.keys() ?? [])];
    const [first] = serials();
    pass(days(180));
    await agent.settle();
    // The report that was due as well has used the new one, which ends the old one.
    expect(serials()).toHaveLength(1);
    expect(serials()).not.toContain(first);
    expect(agent.status().registration).toMatchObject({
      lastRenewal: { succeeded: true },
      expiresAt: at.add(days(365)).toString(),
    });
    await agent.request('A', 1);
    expect(await agent.settle()).toEqual({ done: true });
  });

  it('is expired after 90 silent days, and authorized again at the next contact', async () => {
    const agent = await open();
    await agent.register(token);
    await agent.request('A', 1);
    await agent.settle();
    pass(days(90));
    server.faults = Array.from({ length: 8 }, () => 'request-lost');
    await agent.settle();
    expect(agent.status().authorization.state).toBe('authorization-expired');
    expect(agent.status().licenses[0]?.state).toBe('authorization-expired');
    server.faults = [];
    pass({ minutes: 30 });
    await agent.settle();
    expect(agent.status().authorization.state).toBe('authorized');
    expect(agent.status().licenses[0]?.state).toBe('in-compliance');
  });

  it('is unregistered again when its certificate has ended, with an hour of grace', async () => {
    const agent = await open();
    await agent.register(token);
    server.faults = Array.from({ length: 99 }, () => 'request-lost');
    pass({ hours: 24 * 365, minutes: 59 });
    await agent.settle();
    expect(agent.status().registration.state).toBe('registered');
    pass({ minutes: 1 });
    await agent.settle();
    expect(agent.status().registration).toMatchObject({ state: 'registration-expired', instanceId: null });
  });
});

describe('evaluation', () => {
  it('counts only while licenses are in use, warns, ends, and stops with registration', async () => {
    const agent = await open();
    const warnings: string[] = [];
    agent.onChange((_, notices) => {
      warnings.push(...notices.filter(({ name }) => name === 'evaluation-warning').map(({ text }) => text));
    });
    pass(days(50));
    await agent.settle();
    expect(agent.status().evaluation).toEqual({ leftSeconds: 90 * 86_400, counting: false });
    await agent.request('A', 1);
    expect(agent.status().authorization.state).toBe('evaluation');
    pass(days(30));
    await agent.settle();
    expect(agent.status().evaluation).toEqual({ leftSeconds: 60 * 86_400, counting: true });
    expect(warnings).toEqual(['Evaluation ends after 60 days of use (2027-04-11T12:00:00Z)']);
    await agent.release('A');
    pass(days(40));
    await agent.settle();
    expect(agent.status().evaluation).toEqual({ leftSeconds: 60 * 86_400, counting: false });
    await agent.request('A', 2);
    pass(days(60));
    await agent.settle();
    expect(agent.status().authorization.state).toBe('evaluation-expired');
    expect(agent.status().licenses[0]?.state).toBe('evaluation-expired');
    expect(await agent.register(token)).toEqual({ done: true });
    expect(agent.status().authorization.state).toBe('authorized');
    await agent.deregister();
    expect(agent.status().authorization.state).toBe('evaluation-expired');
  });

  it('counts nothing when the clock is set back', async () => {
    const agent = await open();
    await agent.request('A', 1);
    pass(days(1));
    await agent.settle();
    pass(days(-300));
    await agent.settle();
    expect(agent.status().evaluation.leftSeconds).toBe(89 * 86_400);
    pass(days(1));
    await agent.settle();
    expect(agent.status().evaluation.leftSeconds).toBe(88 * 86_400);
  });
});

describe('a line with faults', () => {
  it('repeats the same bytes until they are answered, and the server answers once', async () => {
    const agent = await open();
    server.faults = ['reply-lost', 'request-lost', 'none'];
    expect(await agent.register(token)).toMatchObject({ done: false, reason: 'the reply was lost' });
    expect(agent.status().registration.state).toBe('registering');
    pass({ seconds: 60 });
    await agent.settle();
    pass({ seconds: 60 });
    expect(await agent.settle()).toEqual({ done: true });
    expect(agent.status().registration.state).toBe('registered');
    expect(new Set(server.arrived.map(({ document }) => document)).size).toBe(1);
    expect(server.instances.size).toBe(1);
  });

  it('makes a new message when the old one grew too old to be taken', async () => {
    const agent = await open();
    await agent.register(token);
    server.faults = ['request-lost'];
    await agent.request('A', 3);
    await agent.settle();
    pass({ hours: 3 });
    await agent.settle();
    pass({ seconds: 10 });
    expect(await agent.settle()).toEqual({ done: true });
    // The message was old; nothing is wrong with the clock.
    expect(readEvents(folder).map(({ name }) => name)).not.toContain('clock-differs');
    expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: 3 }]);
  });

  it('shows the hint when the clocks differ, and goes on once they are set', async () => {
    let error = { hours: 3 };
    const agent = await open({ now: () => at.add(error) });
    const outcome = await agent.register(token);
    expect(outcome).toMatchObject({ done: false, reason: 'clock-skew: 10800 seconds' });
    expect(readEvents(folder).map(({ name }) => name)).toContain('clock-differs');
    error = { hours: 0 };
    expect(await agent.settle()).toEqual({ done: true });
    expect(agent.status().registration.state).toBe('registered');
  });

  it('waits as long as it is told to', async () => {
    const agent = await open();
    server.faults = ['busy'];
    server.retryAfterSeconds = 600;
    await agent.register(token);
    expect(agent.status().communication).toMatchObject({
      failures: 1,
      nextAttemptAt: '2026-11-22T12:10:00Z',
    });
    pass({ seconds: 599 });
    await agent.settle();
    expect(server.arrived).toHaveLength(0);
    pass({ seconds: 1 });
    expect(await agent.settle()).toEqual({ done: true });
  });

  it('gives nothing up for a claim without proof', async () => {
    const agent = await open();
    await agent.register(token);
    server.faults = ['forged-removal', 'garbage'];
    await agent.renewAuthorization();
    expect(agent.status().registration.state).toBe('registered');
    await agent.renewAuthorization();
    expect(agent.status().registration.state).toBe('registered');
    expect(agent.status().communication.reason).toContain('not to be believed');
    expect(await agent.renewAuthorization()).toEqual({ done: true });
  });

  it('says that the address may be wrong when nobody there knows the protocol, and goes on', async () => {
    const agent = await open();
    const nobody = async (): Promise<Reply> => ({
      status: 404,
      contentType: 'text/html',
      body: '<h1>Not found</h1>',
      retryAfterSeconds: undefined,
    });
    const restoreTrust = replace('getTrust', nobody);
    expect(await agent.register(token)).toMatchObject({ reason: expect.stringMatching(/address.*wrong/) });
    restoreTrust();
    pass({ seconds: 60 });
    expect(await agent.settle()).toEqual({ done: true });
    const restorePost = replace('post', nobody);
    expect(await agent.renewAuthorization()).toMatchObject({
      reason: expect.stringMatching(/address.*wrong/),
    });
    expect(agent.status().registration.state).toBe('registered');
    restorePost();
    pass({ seconds: 60 });
    expect(await agent.settle()).toEqual({ done: true });
  });

  it('believes no proof that is meant for another instance', async () => {
    const agent = await open();
    await agent.register(token);
    const instance = server.find('SN0001');
    if (instance === undefined) throw new Error('it is registered');
    const { instanceId } = instance;
    instance.removed = true;
    instance.instanceId = '0193c5a0-0000-7000-8000-0000000000bb';
    expect(await agent.renewAuthorization()).toMatchObject({
      reason: expect.stringContaining('it is for instance'),
    });
    expect(agent.status().registration.state).toBe('registered');
    instance.instanceId = instanceId;
    await agent.renewAuthorization();
    expect(agent.status().registration.state).toBe('unregistered');
  });

  it('takes no certificate that is for another instance', async () => {
    const agent = await open();
    server.certificatesFor = '0193c5a0-0000-7000-8000-0000000000bb';
    expect(await agent.register(token)).toMatchObject({
      done: false,
      reason: 'the certificate is for another instance',
    });
    expect(agent.status().registration).toMatchObject({ state: 'registering', instanceId: null });
  });

  it('keeps the new key of a renewal until the server itself answers', async () => {
    const agent = await open();
    await agent.register(token);
    const post = server.post.bind(server);
    const restore = replace('post', async (path, document) => {
      // The renewal is done, and somebody on the line says otherwise.
      await post(path, document);
      const problem = deviceProblem('certificate-unknown', 'a claim');
      return { ...refused, status: problem.status, body: JSON.stringify(problem) };
    });
    const before = server.arrived.length;
    expect(await agent.renewCertificate()).toMatchObject({ reason: 'certificate-unknown: a claim' });
    restore();
    pass({ seconds: 60 });
    expect(await agent.settle()).toEqual({ done: true });
    expect(new Set(server.arrived.slice(before).map(({ document }) => document)).size).toBe(1);
    const [, newest] = server.find('SN0001')?.certificates.keys() ?? [];
    await agent.renewAuthorization();
    const last = server.arrived.at(-1)?.document.split('.')[0] ?? '';
    expect(Buffer.from(last, 'base64url').toString()).toContain(newest ?? 'none');
  });

  it('is unregistered when the server proves that it was removed', async () => {
    const agent = await open();
    await agent.register(token);
    const instance = server.find('SN0001');
    if (instance !== undefined) instance.removed = true;
    await agent.renewAuthorization();
    expect(agent.status().registration).toMatchObject({ state: 'unregistered', instanceId: null });
  });

  it('learns new signing keys of its own installation, but no other’s', async () => {
    const agent = await open();
    await agent.register(token);
    server.rotateSigningKey();
    expect(await agent.renewAuthorization()).toEqual({ done: true });
    const stranger = await FakeServer.create(() => at);
    server.rotateSigningKey();
    const getTrust = server.getTrust.bind(server);
    server.getTrust = () => stranger.getTrust();
    expect(await agent.renewAuthorization()).toMatchObject({
      reason: 'another installation answers at this address',
    });
    server.getTrust = getTrust;
    pass({ seconds: 10 });
    expect(await agent.settle()).toEqual({ done: true });
  });

  it('tells a farewell as soon as it can, and lets a new registration overtake it', async () => {
    const agent = await open();
    await agent.register(token);
    server.faults = ['request-lost'];
    expect(await agent.deregister()).toMatchObject({ done: false });
    expect(agent.status().registration.state).toBe('unregistered');
    expect(await agent.register(token)).toEqual({ done: true });
    expect(server.instances.size).toBe(2);
    server.faults = ['reply-lost'];
    await agent.deregister();
    pass({ seconds: 60 });
    expect(await agent.settle()).toEqual({ done: true });
    expect(server.find('SN0001')).toBeUndefined();
  });

  it('goes on above the last sequence number after a restored snapshot', async () => {
    const agent = await open();
    await agent.register(token);
    const snapshot = readFileSync(join(folder, 'state.json'));
    for (let count = 1; count <= 3; count += 1) {
      await agent.request('A', count);
      await agent.settle();
    }
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(folder, 'state.json'), snapshot);
    server.sequencePolicy = 'refuse';
    await agent.request('A', 9);
    await agent.settle();
    pass({ seconds: 10 });
    expect(await agent.settle()).toEqual({ done: true });
    expect(server.find('SN0001')).toMatchObject({ usage: [{ tag: 'A', count: 9 }], lastSequence: 5 });
  });
});

describe('refusals', () => {
  it('of the server end a registration and are told', async () => {
    const agent = await open();
    await expect(agent.register(oldToken)).rejects.toMatchObject({ code: 'token-expired' });
    expect(agent.status().registration).toMatchObject({
      state: 'registration-failed',
      failure: { code: 'token-expired' },
    });
    expect(await agent.register(token)).toEqual({ done: true });
  });

  it('of the machine change nothing', async () => {
    const agent = await open();
    await expect(agent.deregister()).rejects.toMatchObject({ code: 'not-registered' });
    await expect(agent.renewCertificate()).rejects.toMatchObject({ code: 'not-registered' });
    await expect(agent.register(`${token}x`)).rejects.toMatchObject({ code: 'token-malformed' });
    for (const count of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(agent.request('A', count)).rejects.toMatchObject({ code: 'count-invalid' });
    }
    await expect(agent.release('A', 1)).rejects.toMatchObject({ code: 'count-invalid' });
    await agent.register(token);
    await expect(agent.register(token)).rejects.toMatchObject({ code: 'already-registered' });
    expect(server.arrived).toHaveLength(1);
  });

  it('keep the earlier registration when a forced one is refused', async () => {
    const agent = await open();
    await agent.register(token);
    await expect(agent.register(oldToken, { force: true })).rejects.toMatchObject({ code: 'token-expired' });
    expect(agent.status().registration.state).toBe('registered');
    expect(await agent.renewAuthorization()).toEqual({ done: true });
  });

  it('guard a folder from another product', async () => {
    await open();
    await expect(
      createAgent({ folder, identity: { productId: 'RT-100', serialNumber: 'OTHER' }, transport: server }),
    ).rejects.toMatchObject({ code: 'identity-differs' });
  });
});

it('sends neither host name nor version when privacy says so', async () => {
  const agent = await createAgent({
    ...{ folder, identity, transport: server, now: () => at, sendHostName: false, sendVersion: false },
  });
  await agent.register(token);
  await agent.request('A', 1);
  await agent.settle();
  for (const { document } of server.arrived) {
    const payload = Buffer.from(document.split('.')[1] ?? '', 'base64url').toString();
    expect(payload).not.toContain('edge-1');
    expect(payload).not.toContain('3.2');
  }
});

it('keeps its files to itself and its secrets out of the log', async () => {
  const agent = await open();
  await agent.register(token);
  await expect(agent.register(oldToken, { force: true })).rejects.toThrow();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  const log = readFileSync(join(folder, 'events.jsonl'), 'utf8');
  expect(log).not.toContain('esrt_');
  expect(JSON.stringify(agent.status())).not.toContain('PRIVATE KEY');
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).not.toContain('esrt_');
});

it('keeps the password of a proxy to itself', async () => {
  const proxyUrl = 'http://name:proxy-password@proxy.example:3128';
  const agent = await createAgent({ folder, identity, transport: server, now: () => at, proxyUrl });
  expect(agent.status().settings.proxyUrl).toBe('http://proxy.example:3128/');
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toContain(proxyUrl);
});

it('does what it is asked to when only its log cannot be written', async () => {
  const agent = await open();
  rmSync(join(folder, 'events.jsonl'));
  mkdirSync(join(folder, 'events.jsonl'));
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  await agent.request('A', 3);
  expect((await warned).message).toContain('events.jsonl');
  expect(agent.status()).toMatchObject({ authorization: { state: 'evaluation' }, licenses: [{ count: 3 }] });
});
