import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatSecret } from '@estover/protocol/secrets';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import type { AgentStatus } from './status.ts';
import { FakeServer } from './testing/fake-server.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const identity = { productId: 'RT-100', serialNumber: 'SN0001' };

let folder: string;
let server: FakeServer;
let resident: Agent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-resident-'));
  server = await FakeServer.create(() => Temporal.Now.instant());
  server.tokens.set(token, 'good');
  server.owned.set('A', 10);
  resident = await createAgent({ folder, identity, transport: server, random: () => 0 });
  await resident.start();
});

afterEach(async () => {
  await resident.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves when the resident agent announces such a status. */
function until(condition: (status: AgentStatus) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = resident.onChange((status) => {
      if (!condition(status)) return;
      end();
      resolve();
    });
  });
}

it('goes on with a registration by itself', async () => {
  server.faults = ['reply-lost', 'request-lost'];
  const registered = until(({ registration }) => registration.state === 'registered');
  expect(await resident.register(token)).toMatchObject({ done: false });
  await registered;
  expect(server.instances.size).toBe(1);
});

it('tells a change of use without being asked to', async () => {
  await resident.register(token);
  const authorized = until(({ authorization }) => authorization.state === 'authorized');
  await resident.request('A', 3);
  await authorized;
  expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: 3 }]);
});

it('notices what a command did to its folder', async () => {
  await resident.register(token);
  const seen = until(({ licenses }) => licenses[0]?.count === 4 && licenses[0].state === 'in-compliance');
  const command = await createAgent({ folder, transport: server });
  await command.request('A', 4);
  await command.stop();
  await seen;
  expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: 4 }]);
});

it('is not brought down by a listener that throws', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  resident.onChange(() => {
    throw new Error('a mistake of the product');
  });
  expect(await resident.register(token)).toEqual({ done: true });
  expect((await warned).message).toBe('a mistake of the product');
});

it('is not brought down by a folder that is damaged, warns once, and goes on when it is mended', async () => {
  await resident.register(token);
  const path = join(folder, 'state.json');
  const whole = readFileSync(path);
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  writeFileSync(path, '{');
  await vi.waitFor(() => expect(warnings).toHaveLength(1), { timeout: 5_000, interval: 20 });
  expect(warnings[0]?.message).toContain('state.json is damaged');
  // It looks every second, and has nothing new to say.
  await pause(1_500);
  expect(warnings).toHaveLength(1);
  process.off('warning', listen);
  writeFileSync(path, whole);
  const authorized = until(({ authorization }) => authorization.state === 'authorized');
  await resident.request('A', 3);
  await authorized;
});
