import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

/** What a line does with what passes through it. */
export type LineMode =
  /** Passes everything on. */
  | 'pass'
  /** Closes new connections at once. */
  | 'refuse'
  /** Takes connections and everything that comes, and passes nothing on: a line that is dead without saying so. */
  | 'stall';

export interface Line {
  readonly port: number;
  mode(mode: LineMode): void;
  /** Breaks every connection that is open now. */
  cut(): void;
  /** Ends the connections that are open now for who answers, and tells who asked nothing of it. */
  forget(): void;
  /**
   * Lets the next so many replies come and keeps them to itself: the connection to who asked breaks instead, once the
   * other side has answered.
   */
  swallow(replies: number): void;
  close(): Promise<void>;
}

/** A line between two that can break in all the ways that lines do. */
export async function startLine(target: NetConnectOpts): Promise<Line> {
  let mode: LineMode = 'pass';
  let toSwallow = 0;
  /** Both ends of every connection: who asked, and who answers. One end may be gone while the other knows nothing of it. */
  const connections = new Set<{ near: Socket; far: Socket; forgotten: boolean }>();
  const server = createServer((near) => {
    if (mode === 'refuse') return void near.resetAndDestroy();
    const far = connect(target);
    const connection = { near, far, forgotten: false };
    connections.add(connection);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => {
        if (other.destroyed) connections.delete(connection);
        else if (mode !== 'stall' && !connection.forgotten) other.destroy();
      });
      one.on('data', (chunk) => {
        if (mode === 'stall' || connection.forgotten) return;
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
  if (address === null || typeof address === 'string') throw new Error('the line has no port');
  const cut = () => {
    for (const { near, far } of connections) {
      near.resetAndDestroy();
      far.destroy();
    }
  };
  return {
    port: address.port,
    mode: (next) => {
      mode = next;
    },
    cut,
    forget() {
      for (const connection of connections) {
        connection.forgotten = true;
        connection.far.destroy();
      }
    },
    swallow: (replies) => {
      toSwallow = replies;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
