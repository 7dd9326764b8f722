import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret } from '@estover/protocol/secrets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeServer } from '../testing/fake-server.ts';
import { exitCodes, runCommand } from './run.ts';

const token = formatSecret('esrt_', '0193c5a0-0000-7000-8000-000000000001', new Uint8Array(20).fill(1));
const premier = 'regid.2026-01.example.estover.NET_PREMIER,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const long =
  'regid.2026-01.example.estover.A_LICENSE_WITH_A_VERY_LONG_NAME,2.1_6f9619ff-8b86-4d01-b42d-00cf4fc96400';
const unknown = 'regid.2026-01.example.estover.UNKNOWN,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc96401';
const first = [
  '--pid',
  'RT-100',
  '--serial',
  'SN0001',
  '--host-name',
  'edge-1',
  '--server',
  'https://licenses.example',
];

let folder: string;
let at: Temporal.Instant;
let server: FakeServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-command-'));
  at = Temporal.Instant.from('2026-11-22T12:00:00Z');
  server = await FakeServer.create(() => at);
  server.tokens.set(token, 'good');
  server.owned.set(premier, 2).set(long, 100);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand([...argv, '--folder', folder], {
    environment: {},
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    readInput: async () => `${token}\n`,
    untilAskedToEnd: async () => {},
    now: () => at,
    transport: server,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const pass = (duration: Temporal.DurationLike) => {
  at = at.add(duration);
};

/** Jitter makes next attempts differ from run to run; everything else is golden. */
const withoutJitter = (text: string) =>
  text.replaceAll(/(Next Communication Attempt): \w{3} .*/g, '$1: <date>');

async function golden(situation: string, ...views: string[]): Promise<void> {
  for (const view of views) {
    const { code, out } = await run('show', 'license', view);
    expect(code).toBe(exitCodes.done);
    await expect(`${withoutJitter(out)}\n`).toMatchFileSnapshot(`golden/${situation}-${view}.txt`);
  }
}

describe('show license, in the field’s layout', () => {
  const every = ['summary', 'usage', 'status', 'all', 'udi'];

  it('before first use', async () => {
    await run('show', 'license', 'status');
    await golden('unidentified', 'status', 'udi');
  });

  it('in evaluation', async () => {
    await run('request', premier, '1', ...first);
    pass({ hours: 24 * 3 + 5, minutes: 4, seconds: 3 });
    await golden('evaluation', 'summary', 'status');
  });

  it('registered and authorized', async () => {
    await run('register', '--token', token, ...first);
    pass({ seconds: 4 });
    await run('request', premier, '2');
    await run('request', long, '100');
    await golden('authorized', ...every);
  });

  it('out of compliance', async () => {
    await run('register', '--token', token, ...first);
    await run('request', premier, '3');
    await run('request', unknown, '1');
    await golden('out-of-compliance', 'summary', 'usage', 'status');
  });

  it('when registration was refused, and while it is in progress', async () => {
    expect(await run('register', '--token', token.replace(/^esrt_0./, 'esrt_02'), ...first)).toMatchObject({
      code: exitCodes.refused,
    });
    server.tokens.set(token, 'expired');
    expect(await run('register', '--token', token)).toMatchObject({
      code: exitCodes.refused,
      err: 'estover-agent: The token expired. Make a new one.',
    });
    await golden('registration-failed', 'status');
    server.tokens.set(token, 'good');
    server.faults = ['request-lost'];
    expect(await run('register', '--token', token)).toMatchObject({ code: exitCodes.unanswered });
    const { out } = await run('show', 'license', 'status');
    expect(out).toContain('  Status: REGISTERING - REGISTRATION IN PROGRESS\n');
    expect(out).toContain('    Failure reason: the request was lost\n');
  });

  it('after the certificate has ended', async () => {
    await run('register', '--token', token, ...first);
    pass({ hours: 24 * 366 });
    server.faults = Array.from({ length: 9 }, () => 'request-lost');
    await run('release', premier);
    await golden('registration-expired', 'status');
  });

  it.each(['removed', 'replaced'])('when the server has %s the instance', async (ending) => {
    await run('register', '--token', token, ...first);
    await run('request', premier, '2');
    const instance = server.find('SN0001');
    if (instance === undefined) throw new Error('it is registered');
    instance.removed = true;
    const detail = {
      removed: 'The product instance was removed by an administrator.',
      replaced: 'Another registration of the same product id and serial number took its place.',
    }[ending];
    server.removalDetail = detail ?? '';
    const err = `estover-agent: The server has removed this product instance (${detail?.slice(0, -1)}). Register it again: estover-agent register --token TOKEN`;
    expect(await run('renew', 'auth')).toEqual({ code: exitCodes.refused, out: '', err });
    await golden(ending, 'status');
    // It is said by every command until the instance is registered again, though nothing more is sent.
    const arrived = server.arrived.length;
    expect(await run('renew', 'id')).toEqual({ code: exitCodes.refused, out: '', err });
    expect(await run('deregister')).toEqual({ code: exitCodes.refused, out: '', err });
    const requested = await run('request', premier, '1');
    expect(requested).toEqual({
      code: exitCodes.refused,
      out: `Name of ${premier}: 1 in use, evaluation`,
      err,
    });
    expect(JSON.parse((await run('release', premier, '--json')).out)).toEqual({
      done: false,
      code: 'instance-removed',
      detail: err.replace('estover-agent: ', ''),
    });
    expect(await run('run')).toMatchObject({ code: exitCodes.done, err });
    expect(server.arrived).toHaveLength(arrived);
    const events = (await run('show', 'license', 'eventlog')).out;
    expect(events).toContain(
      `instance-removed The server has removed this product instance (${detail?.slice(0, -1)}). Register it again`,
    );
    expect((await run('register', '--token', token)).code).toBe(exitCodes.done);
    expect(await run('request', premier, '2')).toMatchObject({ code: exitCodes.done, err: '' });
    expect((await run('show', 'license', 'status')).out).not.toContain('Failure reason');
  });

  it('keeps the contract of scripts that read it: the second Status is exactly REGISTERED', async () => {
    await run('register', '--token', token, ...first);
    const { out } = await run('show', 'license', 'status');
    const statuses = out.split('\n').flatMap((line) => /^\s*Status: (.*)$/.exec(line)?.[1] ?? []);
    expect(statuses.slice(0, 2)).toEqual(['DISABLED', 'REGISTERED']);
  });

  it('as JSON', async () => {
    await run('register', '--token', token, ...first);
    await run('request', premier, '2');
    const { out } = await run('show', 'license', 'all', '--json');
    expect(JSON.parse(out)).toMatchObject({
      identity: { productId: 'RT-100', serialNumber: 'SN0001' },
      registration: { state: 'registered' },
      licenses: [{ tag: premier, count: 2, state: 'in-compliance' }],
    });
    expect(JSON.parse((await run('show', 'license', 'udi', '--json')).out)).toEqual({
      identity: { productId: 'RT-100', serialNumber: 'SN0001', hostName: 'edge-1' },
    });
  });

  it('lists events', async () => {
    await run('request', premier, '1', ...first);
    const { out } = await run('show', 'license', 'eventlog');
    expect(out).toContain('2026-11-22 12:00:00 UTC authorization-changed License authorization:');
  });
});

describe('commands', () => {
  it('go through a life', async () => {
    expect(await run('register', '--token', '-', ...first)).toEqual({
      code: 0,
      out: 'Registered with account Example, virtual account Lab.',
      err: '',
    });
    expect((await run('request', premier, '2')).out).toBe(`Name of ${premier}: 2 in use, in-compliance`);
    expect((await run('release', premier, '1')).out).toContain('1 in use');
    expect((await run('release', premier)).out).toBe(`${premier}: not in use any more`);
    expect((await run('renew', 'auth')).out).toBe('License authorization: no-licenses-in-use');
    expect((await run('renew', 'id')).out).toBe('The certificate is renewed.');
    expect((await run('run')).out).toBe('ready: registration is registered');
    expect((await run('deregister')).code).toBe(0);
    expect(await run('deregister')).toEqual({
      code: exitCodes.refused,
      out: '',
      err: 'estover-agent: This product is not registered. Register it with a token first.',
    });
  });

  it('say so when the server does not answer, and go on at the next one', async () => {
    await run('register', '--token', token, ...first);
    server.faults = ['request-lost'];
    const { code, out } = await run('request', premier, '1', '--json');
    expect(code).toBe(exitCodes.unanswered);
    expect(JSON.parse(out)).toMatchObject({ done: false, reason: 'the request was lost' });
    pass({ seconds: 10 });
    expect((await run('request', premier, '1')).code).toBe(exitCodes.done);
    expect(server.find('SN0001')?.usage).toEqual([{ tag: premier, count: 1 }]);
  });

  it.each([
    [['frobnicate']],
    [['register']],
    [['request', 'A']],
    [['request', 'A', 'many']],
    [['request', 'A', '-1']],
    [['release']],
    [['renew']],
    [['renew', 'everything']],
    [['show', 'license']],
    [['show', 'license', 'nothing']],
    [['show', 'version']],
    [['deregister', '--force']],
    [['run', '--unknown']],
    [['request', 'A', '1', '--pid', 'only']],
    [['request', 'A', '1', '--pid', 'P', '--serial', 'S', '--uuid', 'none']],
  ])('are refused when they cannot be understood: %j', async (argv) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('estover-agent help shows the commands.');
    expect(server.arrived).toHaveLength(0);
  });

  it.each([
    [['request', premier, '-3'], 'a count is a whole number, 0 or more; found "-3"'],
    [['request', premier, 'x'], 'a count is a whole number, 0 or more; found "x"'],
    [['request', premier, '1.5'], 'a count is a whole number, 0 or more; found "1.5"'],
    [['release', premier, '-1'], 'a count is a whole number, 1 or more; found "-1"'],
    [['release', premier, '0'], 'a count is a whole number, 1 or more; found "0"'],
  ])('say what a count is: %j', async (argv, problem) => {
    await run('register', '--token', token, ...first);
    expect(await run(...argv)).toEqual({
      code: exitCodes.usage,
      out: '',
      err: `estover-agent: ${problem}\nestover-agent help shows the commands.`,
    });
    expect(server.find('SN0001')?.usage).toEqual([]);
  });

  it('take the short name of the only tag that is known by it, also after a release', async () => {
    await run('register', '--token', token, ...first);
    const early = await run('request', 'NET_PREMIER', '1');
    expect(early.code).toBe(exitCodes.usage);
    expect(early.err).toContain(
      '"NET_PREMIER" is not a whole tag, and no tag known here has this name. A tag looks like regid.2026-01.',
    );
    expect(server.find('SN0001')?.usage).toEqual([]);

    await run('request', premier, '2');
    expect((await run('request', 'NET_PREMIER', '1')).out).toBe(
      `Name of ${premier}: 1 in use, in-compliance`,
    );
    expect((await run('release', 'NET_PREMIER')).out).toBe(`${premier}: not in use any more`);
    expect((await run('release', 'NET_PREMIER')).err).toContain('no tag in use has this name');
    expect((await run('request', 'NET_PREMIER', '2')).code).toBe(exitCodes.done);
    expect(server.find('SN0001')?.usage).toEqual([{ tag: premier, count: 2 }]);

    const other = premier.replace('1.0_', '2.0_');
    await run('request', other, '1');
    const several = await run('request', 'NET_PREMIER', '1');
    expect(several.code).toBe(exitCodes.usage);
    expect(several.err).toContain(`could be any of ${premier} and ${other}.`);
  });

  it('make no folder for a short name at first use', async () => {
    rmSync(folder, { recursive: true });
    expect((await run('request', 'NET_PREMIER', '1', ...first)).code).toBe(exitCodes.usage);
    expect(existsSync(folder)).toBe(false);
  });

  it('keep no short name of a tag that the server called invalid', async () => {
    await run('register', '--token', token, ...first);
    await run('request', unknown, '1');
    await run('release', 'UNKNOWN');
    expect((await run('request', 'UNKNOWN', '1')).code).toBe(exitCodes.usage);
  });

  it.each([
    [['request', premier, '1']],
    [['release', premier]],
    [['renew', 'auth']],
    [['deregister']],
    [['run']],
    [['show', 'license', 'status']],
    [['show', 'license', 'eventlog']],
  ])('say what to do at first use: %j', async (argv) => {
    const command =
      'Register first: estover-agent register --token TOKEN --server URL --pid ID --serial NUMBER';
    rmSync(folder, { recursive: true });
    expect(await run(...argv)).toEqual({
      code: exitCodes.refused,
      out: '',
      err: `estover-agent: There is no product instance in the folder ${folder} yet. ${command}; or name the right folder with --folder.`,
    });
    expect(existsSync(folder)).toBe(false);
  });

  it('ask for the identity when the folder is empty', async () => {
    const { code, err } = await run('register', '--token', token);
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain(
      'Give everything at first use: estover-agent register --token TOKEN --server URL --pid',
    );
    expect((await run('request', premier, '1')).err).toContain('Register first: estover-agent register');
  });

  it('explain themselves', async () => {
    for (const argv of [[], ['help'], ['--help']]) {
      const { code, out } = await run(...argv);
      expect(code).toBe(0);
      for (const word of ['register', 'deregister', 'renew auth | id', 'show license', 'Exit codes']) {
        expect(out).toContain(word);
      }
    }
  });
});
