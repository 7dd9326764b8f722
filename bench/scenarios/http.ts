import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { deviceMessages, documentMediaType } from '@estover/protocol/device';
import { failed } from '../harness/results.ts';
import type { Figure, Scenario } from '../harness/scenario.ts';
import { batchOf, errorsOf, postRequest, runLoad } from '../load/run-load.ts';

const program = fileURLToPath(new URL('../load/bare-server.ts', import.meta.url));

/** A document of the usual length; nobody reads it. */
const document = 'd'.repeat(580);

/** What the framework and the load generator can do at all: the ceiling of everything over HTTP. */
const bareFastify: Scenario = {
  name: 'http.bare-fastify.256',
  what: 'a bare route of the same framework with the same bodies and a constant answer, 256 connections',
  async run(bench) {
    const child = spawn(process.execPath, [program], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    bench.afterwards(async () => {
      child.kill();
      await ended;
    });
    const [port] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      ended.then(() => {
        throw new Error('the bare server ended');
      }),
    ])) as [string];
    const [warmUpMs, windowMs] = bench.quick ? [200, 1_000] : [2_000, 10_000];
    const request = postRequest(deviceMessages.authorize.path, documentMediaType, document);
    const load = await runLoad({
      servers: [{ address: `http://127.0.0.1:${port}`, processId: child.pid ?? 0 }],
      connections: 256,
      batch: batchOf(Array<Buffer>(bench.quick ? 60_000 : 600_000).fill(request)),
      pace: { kind: 'closed', warmUpMs, windowMs },
    });
    const figures: Figure[] = [
      { name: 'http.bare-fastify.256.per-second', value: load.perSecond, unit: '1/s', note: load.cost },
    ];
    const wrong = errorsOf(load);
    return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong));
  },
};

export const http: readonly Scenario[] = [bareFastify];
