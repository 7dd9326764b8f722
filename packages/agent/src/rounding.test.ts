import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret } from '@estover/protocol/secrets';
import { expect, it } from 'vitest';
import { createAgent } from './agent.ts';
import { FakeServer } from './testing/fake-server.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));

it('takes no instant for one to come, nor its clock for set back, because of a fraction of a millisecond', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'estover-rounding-'));
  const now = () => Temporal.Instant.from('2026-11-22T12:00:00.0006Z');
  const server = await FakeServer.create(now);
  server.tokens.set(token, 'good');
  server.owned.set('A', 10);
  const agent = await createAgent({
    folder,
    identity: { productId: 'RT-100', serialNumber: 'SN0001' },
    transport: server,
    random: () => 0,
    now,
  });
  await agent.request('A', 1);
  expect(await agent.register(token)).toEqual({ done: true });
  expect(server.arrived.map(({ kind }) => kind)).toEqual(['register']);
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});
