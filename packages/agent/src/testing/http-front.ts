import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { trustPath } from '@estover/protocol/device';
import type { Transport } from '../transport.ts';

/** A transport's double behind a real socket, so that the real transport can be tried. */
export interface HttpFront {
  port: number;
  close(): Promise<void>;
}

/** Serves a transport over HTTP, or HTTPS when a key and a certificate are given, on a free port of 127.0.0.1. */
export async function serve(behind: Transport, tls?: { key: string; cert: string }): Promise<HttpFront> {
  const listener: RequestListener = async (request, response) => {
    try {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const document = await text(request);
      const reply = pathname === trustPath ? await behind.getTrust() : await behind.post(pathname, document);
      const retryAfter =
        reply.retryAfterSeconds === undefined ? {} : { 'retry-after': String(reply.retryAfterSeconds) };
      response.writeHead(reply.status, { 'content-type': reply.contentType, ...retryAfter }).end(reply.body);
    } catch {
      response.destroy();
    }
  };
  return await listen(tls === undefined ? createServer(listener) : createTlsServer(tls, listener));
}

export async function listen(server: Server): Promise<HttpFront> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
