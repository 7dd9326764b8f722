import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  certificateToPem,
  createCertificateAuthority,
  exportPrivatePem,
  generateKeyPair,
  toWebKeys,
} from '@estover/protocol/signing';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFront, listen, serve } from './testing/http-front.ts';
import { createTransport, type Reply, type Transport } from './transport.ts';

const echo: Transport = {
  post: async (path, document) => reply(200, 'application/jose; charset=utf-8', `${path} ${document}`),
  getTrust: async () => reply(200, 'application/json', '{}'),
  close: async () => {},
};

function reply(status: number, contentType: string, body: string): Reply {
  return { status, contentType, body, retryAfterSeconds: 7 };
}

let folder: string;
let caFile: string;
let plain: HttpFront;
let secure: HttpFront;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-transport-'));
  caFile = join(folder, 'ca.pem');
  const notBefore = Temporal.Now.instant().subtract({ hours: 1 });
  const notAfter = Temporal.Now.instant().add({ hours: 24 });
  const ca = await createCertificateAuthority({
    commonName: 'Test',
    keys: generateKeyPair(),
    notBefore,
    notAfter,
  });
  writeFileSync(caFile, certificateToPem(ca.certificate));
  const keys = generateKeyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: 'CN=Test',
    publicKey: toWebKeys(keys).publicKey,
    signingKey: toWebKeys(ca.keys).privateKey,
    notBefore: new Date(notBefore.epochMilliseconds),
    notAfter: new Date(notAfter.epochMilliseconds),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  });
  plain = await serve(echo);
  secure = await serve(echo, { key: exportPrivatePem(keys.privateKey), cert: certificate.toString('pem') });
});

afterAll(async () => {
  await plain.close();
  await secure.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = { caFile: null, proxyUrl: null };

describe('the line to the server', () => {
  it('posts a document and reads status, type, body and Retry-After', async () => {
    const transport = createTransport({
      ...settings,
      serverUrl: `http://127.0.0.1:${plain.port}/below/a/path`,
    });
    expect(await transport.post('/device/v1/registrations', 'a.b.c')).toEqual(
      reply(200, 'application/jose', '/below/a/path/device/v1/registrations a.b.c'),
    );
    expect(await transport.getTrust()).toMatchObject({ status: 200 });
    await transport.close();
  });

  it('is HTTPS with the given authority, and with no other', async () => {
    const serverUrl = `https://localhost:${secure.port}`;
    const transport = createTransport({ ...settings, serverUrl, caFile });
    expect(await transport.post('/x', 'd')).toMatchObject({ status: 200, body: '/x d' });
    await transport.close();
    const distrusting = createTransport({ ...settings, serverUrl });
    await expect(distrusting.post('/x', 'd')).rejects.toThrow(/certificate|issuer/i);
    await distrusting.close();
  });

  it('goes through a proxy, which sees only the name of the server', async () => {
    const seen: string[] = [];
    const proxyServer = createServer();
    proxyServer.on('connect', (request, client, head) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const upstream = connect(secure.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
    const proxy = await listen(proxyServer);
    const proxyUrl = `http://name:secret@127.0.0.1:${proxy.port}`;
    const transport = createTransport({ serverUrl: `https://localhost:${secure.port}`, caFile, proxyUrl });
    expect(await transport.post('/x', 'd')).toMatchObject({ body: '/x d' });
    expect(seen).toEqual([`localhost:${secure.port} Basic ${Buffer.from('name:secret').toString('base64')}`]);
    await transport.close();
    await proxy.close();
  });

  it.each([
    ['no server', { serverUrl: null }, 'server-unknown'],
    ['plain HTTP to elsewhere', { serverUrl: 'http://licenses.example' }, 'server-insecure'],
    ['a name that only looks local', { serverUrl: 'http://127.0.0.1.example' }, 'server-insecure'],
    [
      'a CA file that is missing',
      { serverUrl: 'https://a.example', caFile: '/nowhere' },
      'certificate-file-unusable',
    ],
    [
      'a CA file without certificates',
      { serverUrl: 'https://a.example', caFile: '/dev/null' },
      'certificate-file-unusable',
    ],
  ])('is refused with %s', (_, given, code) => {
    expect(() => createTransport({ ...settings, ...given })).toThrow(expect.objectContaining({ code }));
  });

  it('gives up on a server that is silent, and on one that says too much', async () => {
    const silent = await listen(createServer(() => {}));
    const waiting = createTransport({
      ...settings,
      serverUrl: `http://127.0.0.1:${silent.port}`,
      timeoutMilliseconds: 100,
    });
    await expect(waiting.post('/x', 'd')).rejects.toThrow();
    await waiting.close();
    await silent.close();

    const endless = await listen(
      createServer((_, response) => {
        response.writeHead(200);
        for (let count = 0; count < 20; count += 1) response.write('x'.repeat(64 * 1024));
        response.end();
      }),
    );
    const listening = createTransport({ ...settings, serverUrl: `http://127.0.0.1:${endless.port}` });
    await expect(listening.post('/x', 'd')).rejects.toThrow('longer than');
    await listening.close();
    await endless.close();
  });
});
