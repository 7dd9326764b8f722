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

it('opens no way between windows, and has data kept by nobody, in every answer of every edge', async () => {
  const key = server.operatorKey;
  const nobody = '0193c5a0-0000-7000-8000-00000000dead';
  const asked: [string, number, RequestInit?][] = [
    ['/api/v1/me', 200, { headers: { authorization: `Bearer ${key}` } }],
    ['/api/v1/me', 401],
    ['/api/v1/nothing', 404],
    ['/api/v1/products/download', 404],
    ['/auth/sign-out', 403, { method: 'POST' }],
    ['/auth/sign-in/email', 422, { method: 'POST' }],
    ['/auth/single-sign-on/go', 303],
    ['/oauth/token', 400, { method: 'POST', body: new URLSearchParams({}) }],
    ['/.well-known/oauth-authorization-server', 200],
    [`/scim/v2/accounts/${nobody}/Users`, 401],
    ['/device/v1/trust', 200],
    ['/device/v1/authorizations', 400, { method: 'POST', body: 'x' }],
    ['/openapi.json', 200],
  ];
  for (const [path, status, init] of asked) {
    const answer = await fetch(`${server.address}${path}`, { redirect: 'manual', ...init });
    expect({ path, status: answer.status, ...headersOf(answer) }).toEqual({
      ...{ path, status, opener: 'same-origin', type: 'nosniff', kept: 'no-store' },
      policy: "default-src 'none'; frame-ancestors 'none'",
    });
  }
  for (const path of ['/', '/reference/']) {
    expect(headersOf(await get(path)).opener).toBe('same-origin');
  }
});

const headersOf = ({ headers }: Response) => ({
  opener: headers.get('cross-origin-opener-policy'),
  type: headers.get('x-content-type-options'),
  kept: headers.get('cache-control'),
  policy: headers.get('content-security-policy'),
});

it('serves neither the reference nor its document where they are switched off', async () => {
  const { db, installation, clock } = server;
  const quiet = await createApp({
    ...{ db, installation, now: clock.now, newId: randomUUID, log: false as const, consoleFolder: folder },
    servesReference: false,
  });
  for (const url of ['/reference', '/reference/', '/reference/openapi.json', '/openapi.json']) {
    expect([url, (await quiet.inject({ url })).statusCode]).toEqual([url, 404]);
  }
  expect((await quiet.inject({ url: '/api/v1/me' })).statusCode).toBe(401);
  await quiet.close();
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
