import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret } from '@estover/protocol/secrets';
import { expect, it } from 'vitest';
import { printTables } from './machine.ts';
import { FakeServer } from './testing/fake-server.ts';
import { serve } from './testing/http-front.ts';

const written = readFileSync(new URL('../../../docs/agent.md', import.meta.url), 'utf8');

it('prints the tables as the code has them', () => {
  const table = /<!-- table: transitions -->\n([\s\S]*?)<!-- \/table -->/.exec(written)?.[1];
  expect(table).toBe(`\n${printTables()}\n\n`);
});

it('names every call and every option of the command', async () => {
  const { help } = await import('./command/arguments.ts');
  for (const word of ['--folder', '--json', '--ca', '--proxy']) {
    expect(help).toContain(word);
    expect(written).toContain(word);
  }
});

it('has an example that runs as it is printed', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(written)?.[1] ?? '';
  const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
  const server = await FakeServer.create(() => Temporal.Now.instant());
  server.tokens.set(token, 'good');
  server.owned.set('regid.2026-01.example.estover.NET_PREMIER,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 2);
  const front = await serve(server);
  const folder = mkdtempSync(join(tmpdir(), 'estover-example-'));
  try {
    const { out, err } = await run(example, {
      LICENSE_FOLDER: folder,
      LICENSE_SERVER: `http://127.0.0.1:${front.port}`,
      LICENSE_TOKEN: token,
    });
    expect(err).toBe('');
    expect(out).toContain('Registration: registering -> registered');
    expect(out).toContain('License authorization: no-licenses-in-use -> authorized');
    expect(out.trimEnd().split('\n')).toContain('in-compliance');
  } finally {
    await front.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Runs a TypeScript program from standard input, where it finds the packages of this project. */
function run(program: string, environment: Record<string, string>): Promise<{ out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module-typescript', '-'],
      { cwd: import.meta.dirname, env: { ...process.env, ...environment }, timeout: 60_000 },
      (error, out, err) => resolve({ out, err: err + (error === null ? '' : error.message) }),
    );
    child.stdin?.end(program);
  });
}
