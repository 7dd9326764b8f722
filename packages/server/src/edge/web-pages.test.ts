import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';

let folder: string;
let server: TestServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(folder, 'assets', 'main-abc.js'), 'export {}');
  server = await startTestServer({ consoleFolder: folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const get = (path: string, accept = 'text/html') =>
  fetch(`${server.address}${path}`, { headers: { accept } });

it('serves the console at every page address, with a strict policy', async () => {
  for (const path of ['/', '/accounts/x/licenses?search=a']) {
    const page = await get(path);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Console</title>');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('no-cache');
  }
  expect((await get('/assets/main-abc.js')).headers.get('cache-control')).toContain('immutable');
});

it('keeps browsers to HTTPS where people come over it, on every answer', async () => {
  const { db, installation, clock } = server;
  const secure = await createApp({
    ...{ db, now: clock.now, newId: randomUUID, log: false as const, consoleFolder: folder },
    installation: { ...installation, publicUrl: 'https://licenses.example' },
  });
  for (const url of ['/', '/api/v1/me', '/device/v1/trust', '/nothing']) {
    const { headers } = await secure.inject({ url });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
  await secure.close();
  // Over plain HTTP it would be a promise that nobody keeps.
  expect((await get('/')).headers.get('strict-transport-security')).toBeNull();
});

it('answers what is not there as a problem, not as a page', async () => {
  for (const path of ['/api/v1/nothing', '/device/v1/nothing', '/assets/gone.js']) {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
  expect((await get('/somewhere', 'application/json')).status).toBe(404);
});

it('serves the reference of the API without anything from elsewhere', async () => {
  const page = await get('/reference/');
  expect(page.status).toBe(200);
  const document = await page.text();
  expect(document).toContain('/openapi.json');
  expect(document).not.toMatch(/(src|href)="https?:/);
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src 'self' 'sha256-/);
  expect(policy.split('; ').find((part) => part.startsWith('script-src'))).not.toContain('unsafe');
  const openapi = (await (await get('/openapi.json', 'application/json')).json()) as { openapi: string };
  expect(openapi.openapi).toBe('3.1.0');
});
