import { createServer } from 'node:http';
import type { ReadMetrics } from './health-routes.ts';
import { reasonOf, StartError } from './start-error.ts';

/** Where metrics are served by themselves. */
export type MetricsAddress = { readonly host: string; readonly port: number };

/** A metrics listener is asked now and then, by a machine nearby. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 2_500 };

/**
 * Serves `/metrics` and nothing else at an address of its own, so that it need not be reached where people and product
 * instances reach the server.
 *
 * @throws StartError when the address cannot be listened on
 */
export async function listenForMetrics(
  { host, port }: MetricsAddress,
  read: ReadMetrics,
): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer(limits, (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff').setHeader('cache-control', 'no-store');
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    void read().then(
      ({ contentType, text }) => response.setHeader('content-type', contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = 100;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (thrown) {
    throw new StartError(
      `The metrics cannot be served on ${host} port ${port}: ${reasonOf(thrown)}. Set ESTOVER_METRICS to another address of ` +
        'this machine, such as 127.0.0.1:9464, or to off.',
    );
  }
  const bound = server.address();
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${typeof bound === 'object' && bound !== null ? bound.port : port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
