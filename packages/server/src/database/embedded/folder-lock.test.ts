import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { findProcess } from './running-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'estover-lock-'));
  mkdirSync(join(folder, 'locks'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claims = () => readdirSync(join(folder, 'locks'));

function leaveClaim(content: unknown): string {
  const file = join(folder, 'locks', 'earlier.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('a folder has one holder at a time and is free after the release', async () => {
  const first = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(`in use by the process ${process.pid}.`);
  await first.release();
  const second = await lockFolder(folder);
  await second.release();
  expect(claims()).toEqual([]);
});

test('of many that ask at once exactly one gets it', async () => {
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
  const held = results.filter((result) => result.status === 'fulfilled');
  expect(held).toHaveLength(1);
  for (const { value } of held) await value.release();
});

test('the claim of a process whose id was given to another one is no claim', async () => {
  const first = await lockFolder(folder);
  const name = claims().find((each) => each.endsWith('.json')) ?? '';
  const claim = JSON.parse(readFileSync(join(folder, 'locks', name), 'utf8'));
  await first.release();
  expect(claim.startedAt).toBe(findProcess(process.pid)?.startedAt);
  leaveClaim({ ...claim, startedAt: '1' });
  const second = await lockFolder(folder);
  expect(claims().filter((each) => each.endsWith('.json'))).toHaveLength(1);
  await second.release();
});

test('a damaged claim is no claim', async () => {
  leaveClaim('{"pid":');
  const lock = await lockFolder(folder);
  await lock.release();
  expect(claims()).toEqual([]);
});

test('a claim from another container counts as long as it shows life', async () => {
  const world = { host: 'elsewhere', boot: 'x', processNamespace: 'y' };
  const file = leaveClaim({ pid: 1, startedAt: '1', world });
  writeFileSync(join(folder, 'locks', 'earlier.held'), '');
  let at = Date.now() / 1000;
  const heartbeat = setInterval(() => utimesSync(file, ++at, at), 10);
  await expect(lockFolder(folder, 60)).rejects.toThrow('in use by the process 1 on elsewhere');
  clearInterval(heartbeat);
  const lock = await lockFolder(folder, 60);
  await lock.release();
  expect(claims()).toEqual([]);
});

test('a claim from before a restart of this machine is no claim', async () => {
  const world = { host: hostname(), boot: 'earlier', processNamespace: readlinkSync('/proc/self/ns/pid') };
  leaveClaim({ pid: process.pid, startedAt: findProcess(process.pid)?.startedAt, world });
  const lock = await lockFolder(folder, 60_000);
  await lock.release();
});
