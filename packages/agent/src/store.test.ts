import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret } from '@estover/protocol/secrets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAgent } from './agent.ts';
import { appendEvents, eventFileBytes, readEvents } from './event-log.ts';
import { initialState } from './state.ts';
import { openStore } from './store.ts';
import { FakeServer } from './testing/fake-server.ts';
import { serve } from './testing/http-front.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'estover-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the folder', () => {
  it('is refused when others may read it', () => {
    chmodSync(folder, 0o750);
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ code: 'folder-unusable' }));
  });

  it('lets only one write at a time: no count is lost between two stores', async () => {
    const stores = [openStore(folder), openStore(folder)];
    const work = stores.map(async (store) => {
      for (let count = 0; count < 20; count += 1) {
        await store.update(async (state) => {
          await new Promise((resolve) => setImmediate(resolve));
          return { state: { ...state, lastSequence: state.lastSequence + 1 }, result: undefined };
        });
      }
    });
    await Promise.all(work);
    expect(stores[0]?.read().lastSequence).toBe(40);
  });

  it('reads a state that was written before tags were remembered', () => {
    const { knownTags: _, ...earlier } = initialState;
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...earlier, lastSequence: 7 }));
    expect(openStore(folder).read()).toEqual({ ...initialState, lastSequence: 7 });
  });

  it('says so when another one keeps it busy', async () => {
    const holder = openStore(folder);
    let release = () => {};
    const held = holder.update(async (state) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { state, result: undefined };
    });
    await new Promise((resolve) => setImmediate(resolve));
    const other = openStore(folder, { lockWaitMilliseconds: 30 });
    await expect(other.update(async (state) => ({ state, result: 0 }))).rejects.toMatchObject({
      code: 'folder-busy',
    });
    release();
    await held;
    expect(await other.update(async (state) => ({ state, result: 7 }))).toBe(7);
  });

  it('keeps the old state when a change fails, and cleans up what a crash left', async () => {
    const store = openStore(folder);
    await store.update(async (state) => ({ state: { ...state, lastSequence: 5 }, result: undefined }));
    await expect(
      store.update(async () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    writeFileSync(join(folder, 'state.json.new-999'), '{"half":');
    await store.update(async (state) => ({ state: { ...state, lastSequence: 6 }, result: undefined }));
    expect(store.read().lastSequence).toBe(6);
    expect(readdirSync(folder).sort()).toEqual(['lock', 'state.json']);
  });

  it.each([['{"format":1'], ['{}'], ['{"format":2}'], ['']])(
    'refuses a damaged state and leaves it alone: %j',
    async (text) => {
      writeFileSync(join(folder, 'state.json'), text);
      await expect(createAgent({ folder })).rejects.toMatchObject({ code: 'state-damaged' });
      expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe(text);
    },
  );

  it('keeps a bounded log, and reads past a line that was cut', () => {
    for (let count = 0; count < 4000; count += 1) {
      appendEvents(folder, '2026-11-22T12:00:00Z', [
        { name: 'license-changed', text: `${count} ${'x'.repeat(100)}` },
      ]);
    }
    const files = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(files).toHaveLength(2);
    expect(Math.max(...files)).toBeLessThanOrEqual(eventFileBytes);
    writeFileSync(join(folder, 'events.jsonl'), '{"at":"2026', { flag: 'a' });
    const events = readEvents(folder);
    expect(events.at(-1)?.text).toMatch(/^3999 /);
    expect(events.length).toBeGreaterThan(700);
  });
});

describe('a process that is killed at any point', () => {
  it('loses nothing that it said, repeats what it sent, and is never counted twice', async () => {
    const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
    const server = await FakeServer.create(() => Temporal.Now.instant());
    server.tokens.set(token, 'good');
    server.owned.set('A', 1_000_000);
    const front = await serve(server);
    const program = new URL('testing/busy-product.ts', import.meta.url).pathname;
    let said = 0;
    try {
      for (let round = 0; round < 8; round += 1) {
        const serverUrl = `http://127.0.0.1:${front.port}`;
        const child = spawn(process.execPath, [program, folder, serverUrl, token, String(said + 1)]);
        let output = '';
        let complaint = '';
        const ended = once(child, 'close');
        child.stderr.on('data', (chunk) => {
          complaint += chunk;
        });
        child.stdout.on('data', (chunk) => {
          output += chunk;
          // Killed at another point of its work in every round.
          if (output.split('\n').length > 2) setTimeout(() => child.kill('SIGKILL'), round * 3);
        });
        await ended;
        expect(complaint).toBe('');
        const counts = output.split('\n').filter((line) => line !== '');
        said = Math.max(said, Number(counts.at(-1)));
        const state = openStore(folder).read();
        expect(state.use[0]?.count).toBeGreaterThanOrEqual(said);
        said = state.use[0]?.count ?? 0;
      }
      const agent = await createAgent({ folder });
      expect(await agent.settle()).toEqual({ done: true });
      await agent.stop();
      expect(server.instances.size).toBe(1);
      expect(server.find('SN0001')?.usage).toEqual([{ tag: 'A', count: said }]);
      expect(server.alerts).toEqual([]);
      expect(said).toBeGreaterThan(8);
    } finally {
      await front.close();
    }
  });
});
