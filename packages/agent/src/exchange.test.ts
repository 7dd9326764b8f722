import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { createCertificateRequest, generateKeyPair } from '@estover/protocol/signing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import { FakeServer } from './testing/fake-server.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const at = Temporal.Instant.from('2026-11-22T12:00:00Z');

let folder: string;
let server: FakeServer;
let agent: Agent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-agent-'));
  server = await FakeServer.create(() => at);
  server.tokens.set(token, 'good');
  const identity = { productId: 'RT-100', serialNumber: 'SN0001' };
  agent = await createAgent({ folder, identity, transport: server, now: () => at, random: () => 0 });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const notRegistered = { state: 'registering', instanceId: null };

describe('a certificate in a genuine answer is not taken', () => {
  it('when it is for another key', async () => {
    const post = server.post.bind(server);
    server.post = async (path, document) => {
      // Somebody who knows the token asks for a certificate of their own under the message's id.
      const payload = JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString());
      const keys = generateKeyPair();
      const certificateRequest = Buffer.from(await createCertificateRequest(keys, 'SN0001')).toString(
        'base64',
      );
      return post(path, signRequest('register', { ...payload, certificateRequest }, keys.privateKey));
    };
    expect(await agent.register(token)).toMatchObject({
      done: false,
      reason: 'the certificate is for another key',
    });
    expect(agent.status().registration).toMatchObject(notRegistered);
  });

  it('when another authority of the same name issued it', async () => {
    const stranger = await FakeServer.create(() => at);
    const { certificateAuthorities } = JSON.parse((await stranger.getTrust()).body);
    const getTrust = server.getTrust.bind(server);
    server.getTrust = async () => {
      const reply = await getTrust();
      return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), certificateAuthorities }) };
    };
    expect(await agent.register(token)).toMatchObject({
      done: false,
      reason: 'the certificate was not issued by this installation',
    });
    expect(agent.status().registration).toMatchObject(notRegistered);
  });
});
