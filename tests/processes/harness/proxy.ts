import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

/** What a proxy does with what passes through it. */
export type ProxyMode =
  /** Passes everything on. */
  | 'pass'
  /** Closes new connections at once. */
  | 'refuse'
  /** Takes connections and everything that comes, and passes nothing on: a line that is dead without saying so. */
  | 'stall';

export interface Proxy {
  readonly port: number;
  mode(mode: ProxyMode): void;
  /** Breaks every connection that is open now. */
  cut(): void;
  /**
   * Lets the next so many replies come and keeps them to itself: the connection to who asked breaks instead, once the
   * other side has answered.
   */
  swallow(replies: number): void;
  close(): Promise<void>;
}

/** A line between two that can break in all the ways that lines do. */
export async function startProxy(target: NetConnectOpts): Promise<Proxy> {
  let mode: ProxyMode = 'pass';
  let toSwallow = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    if (mode === 'refuse') return void near.resetAndDestroy();
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        if (mode !== 'stall') other.destroy();
      });
      one.on('data', (chunk) => {
        if (mode === 'stall') return;
        if (one === far && toSwallow > 0) {
          toSwallow -= 1;
          near.resetAndDestroy();
          return;
        }
        if (!other.destroyed) other.write(chunk);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    mode: (next) => {
      mode = next;
    },
    cut,
    swallow: (replies) => {
      toSwallow = replies;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
