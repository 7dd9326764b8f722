import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that outgoing connections are given, one of which could otherwise take that of a killed server. */
const lowest = 20_000;
const highest = 32_000;

/** A free port on 127.0.0.1 that stays free while the process that had it is dead. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]);
    if (!free) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
