import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, type ConfigSources, loadConfig } from './config.ts';
import { newOperatorKey } from './operator-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'estover-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (environment: ConfigSources['environment'] = {}, more: Partial<ConfigSources> = {}) =>
  loadConfig({ environment: { ESTOVER_DATA_FOLDER: folder, ...environment }, ...more });

async function problemsOf(environment: ConfigSources['environment'], more: Partial<ConfigSources> = {}) {
  const thrown = await load(environment, more).catch((each: unknown) => each);
  if (!(thrown instanceof ConfigError)) throw new Error('the configuration was accepted');
  return thrown;
}

function writeFile(content: unknown, name = 'estover.json'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('what is set', () => {
  test('nothing is needed', async () => {
    expect(await loadConfig({ environment: { PATH: '/bin', HOME: '/root' } })).toEqual({
      dataFolder: resolve('.estover'),
      databaseUrl: undefined,
      host: '127.0.0.1',
      port: 8080,
      publicUrl: undefined,
      tls: undefined,
      trustProxy: false,
      logLevel: 'info',
      logFormat: 'json',
      operatorKey: undefined,
      encryptionKey: undefined,
      outboundAllow: [],
      saml: false,
      mail: undefined,
      limits: { headersSeconds: 20, requestSeconds: 60, mostHeaders: 100, mostConnections: 10_000 },
      reference: true,
      metrics: 'here',
    });
    expect((await load({}, { interactive: true })).logFormat).toBe('pretty');
  });

  test('every setting comes from its variable', async () => {
    const operatorKey = newOperatorKey();
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
    const [certificateFile, keyFile] = [writeFile('c', 'c.pem'), writeFile('k', 'k.pem')];
    const config = await load({
      DATABASE_URL: 'postgres://estover:secret@db.example:5433/licenses',
      ESTOVER_HOST: '::',
      ESTOVER_PORT: '0',
      ESTOVER_PUBLIC_URL: 'https://Licenses.example.com/',
      ESTOVER_TLS_CERTIFICATE_FILE: certificateFile,
      ESTOVER_TLS_KEY_FILE: keyFile,
      ESTOVER_TRUST_PROXY: '10.0.0.0/8, fd00::/8',
      ESTOVER_LOG_LEVEL: 'debug',
      ESTOVER_LOG_FORMAT: 'pretty',
      ESTOVER_OPERATOR_KEY: operatorKey,
      ESTOVER_ENCRYPTION_KEY: bytes.toString('base64'),
      ESTOVER_SMTP_URL: 'smtps://estover:secret%40@mail.example:465',
      ESTOVER_MAIL_FROM: 'Estover <licenses@example.com>',
      ESTOVER_HEADERS_TIMEOUT_SECONDS: '5',
      ESTOVER_REQUEST_TIMEOUT_SECONDS: '300',
      ESTOVER_MAX_HEADERS: '60',
      ESTOVER_MAX_CONNECTIONS: '50000',
      ESTOVER_REFERENCE: 'off',
      ESTOVER_METRICS: '[::1]:9464',
    });
    expect(config).toEqual({
      dataFolder: folder,
      databaseUrl: 'postgres://estover:secret@db.example:5433/licenses',
      host: '::',
      port: 0,
      publicUrl: 'https://licenses.example.com',
      tls: { certificateFile, keyFile },
      trustProxy: '10.0.0.0/8, fd00::/8',
      logLevel: 'debug',
      logFormat: 'pretty',
      operatorKey,
      encryptionKey: new Uint8Array(bytes),
      outboundAllow: [],
      saml: false,
      mail: {
        smtpUrl: 'smtps://estover:secret%40@mail.example:465',
        from: { name: 'Estover', address: 'licenses@example.com' },
      },
      limits: { headersSeconds: 5, requestSeconds: 300, mostHeaders: 60, mostConnections: 50_000 },
      reference: false,
      metrics: { host: '::1', port: 9464 },
    });
    expect((await load({ ESTOVER_METRICS: 'off' })).metrics).toBe('off');
    expect((await load({ ESTOVER_METRICS: '127.0.0.1:0' })).metrics).toEqual({ host: '127.0.0.1', port: 0 });
    const unusable = {
      ESTOVER_HEADERS_TIMEOUT_SECONDS: '0',
      ESTOVER_REQUEST_TIMEOUT_SECONDS: 'never',
      ESTOVER_MAX_HEADERS: '5000',
      ESTOVER_MAX_CONNECTIONS: '-1',
      ESTOVER_REFERENCE: 'no',
      ESTOVER_METRICS: '127.0.0.1:99999',
    };
    const found = (await problemsOf(unusable)).problems.map(({ where }) => where);
    expect(found).toEqual(Object.keys(unusable));
    expect((await load({ ESTOVER_TRUST_PROXY: 'true' })).trustProxy).toBe(true);
    const { outboundAllow, saml } = await load({
      ESTOVER_OUTBOUND_ALLOW: '10.1.0.0/16, ::1',
      ESTOVER_SAML: 'on',
    });
    expect(outboundAllow.map(([network, bits]) => `${network.toString()}/${bits}`)).toEqual([
      '10.1.0.0/16',
      '::1/128',
    ]);
    expect(saml).toBe(true);
    const domains = 'Mail.example., -bücher.example';
    expect((await load({ ESTOVER_PUBLIC_MAIL_DOMAINS: domains })).publicMailDomains).toEqual({
      added: new Set(['mail.example']),
      removed: new Set(['xn--bcher-kva.example']),
    });
    const wrong = await problemsOf({ ESTOVER_OUTBOUND_ALLOW: '10.0.0.0/33' });
    expect(wrong.problems.map(({ where }) => where)).toEqual(['ESTOVER_OUTBOUND_ALLOW']);
    const breachedPasswordsFile = writeFile('', 'breached.txt');
    expect(await load({ ESTOVER_BREACHED_PASSWORDS_FILE: breachedPasswordsFile })).toMatchObject({
      breachedPasswordsFile,
    });
    const { problems } = await problemsOf({ ESTOVER_BREACHED_PASSWORDS_FILE: join(folder, 'nothing.txt') });
    expect(problems.map(({ where }) => where)).toEqual(['ESTOVER_BREACHED_PASSWORDS_FILE']);
  });

  test('the command line goes before the environment, that before the file', async () => {
    writeFile({ port: 1, host: 'file.example', logLevel: 'error' });
    const config = await load(
      { ESTOVER_PORT: '2', ESTOVER_HOST: 'variable.example' },
      { options: { port: '3' } },
    );
    expect(config).toMatchObject({ port: 3, host: 'variable.example', logLevel: 'error' });
  });

  test('an empty variable is one that is not set', async () => {
    expect(await load({ DATABASE_URL: '', ESTOVER_PORT: '', ESTOVER_CONFIG: '' })).toMatchObject({
      databaseUrl: undefined,
      port: 8080,
    });
  });

  test('a named file is read in place of the one in the data folder', async () => {
    writeFile({ port: 1 });
    expect((await load({ ESTOVER_CONFIG: writeFile({ port: 2 }, 'other.json') })).port).toBe(2);
  });

  test('every port is accepted, and no other number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 65_535 }), async (port) => {
        expect((await load({ ESTOVER_PORT: String(port) })).port).toBe(port);
      }),
      { numRuns: 30 },
    );
    for (const port of ['65536', '-1', '80.5', '8o80', ' 80', '0x50', '1e3']) {
      expect((await problemsOf({ ESTOVER_PORT: port })).problems).toHaveLength(1);
    }
  });
});

describe('what is wrong', () => {
  test('is told all at once, each with its place, what was found and what is expected', async () => {
    const file = writeFile({ logLevel: 'loud', port: '80' });
    const { message, problems } = await problemsOf(
      { ESTOVER_PORT: '99999', ESTOVER_PUBLIC_URL: 'https://example.com/path', ESTOVER_TRUST_PROXY: 'maybe' },
      { options: { host: 'not a host' } },
    );
    const told = Object.fromEntries(problems.map(({ where, found }) => [where, found]));
    expect(told).toEqual({
      '--host': '"not a host"',
      ESTOVER_PORT: '99999',
      ESTOVER_PUBLIC_URL: '"https://example.com/path"',
      ESTOVER_TRUST_PROXY: '"maybe"',
      [`${file}: port`]: '"80"',
      [`${file}: logLevel`]: '"loud"',
    });
    for (const { where, found, expected } of problems) {
      expect(message).toContain(`${where}: found ${found}, expected ${expected}`);
    }
  });

  test('never shows a secret', async () => {
    const secret = 'hunter2-hunter2';
    const file = writeFile({
      databaseUrl: `mysql://root:${secret}@db/x`,
      operatorKey: `${secret} with spaces`,
    });
    const { message, problems } = await problemsOf({
      DATABASE_URL: `mysql://root:${secret}@db/x`,
      ESTOVER_OPERATOR_KEY: secret,
      ESTOVER_ENCRYPTION_KEY: secret,
      ESTOVER_SMTP_URL: `imap://u:${secret}@mail.example`,
    });
    expect(problems.map(({ where }) => where).toSorted()).toEqual(
      [
        'DATABASE_URL',
        'ESTOVER_ENCRYPTION_KEY',
        'ESTOVER_OPERATOR_KEY',
        'ESTOVER_SMTP_URL',
        `${file}: databaseUrl`,
        `${file}: operatorKey`,
      ].toSorted(),
    );
    expect(message).not.toContain('hunter2');
    writeFile(`{ "operatorKey": "${secret}", oops }`);
    expect((await problemsOf({})).message).not.toContain('hunter2');
  });

  test.each([
    ['ESTOVER_PROT', 'ESTOVER_PORT, perhaps'],
    ['ESTOVER_DATABASE_FOLDER', 'ESTOVER_DATA_FOLDER, perhaps'],
    ['ESTOVER_COLOUR_OF_THE_CONSOLE', 'one of ESTOVER_CONFIG, ESTOVER_DATA_FOLDER'],
  ])('the unknown variable %s: %s', async (variable, hint) => {
    const { problems } = await problemsOf({ [variable]: 'x' });
    expect(problems).toEqual([
      { where: variable, found: 'a variable that does not exist', expected: expect.stringContaining(hint) },
    ]);
  });

  test('variables of the commands that work with a server are none of its own, and no mistake', async () => {
    const environment = { ESTOVER_SERVER: 'https://x.example', ESTOVER_API_KEY: 'x', ESTOVER_PROFILE: 'x' };
    expect(await loadConfig({ environment })).toEqual(await loadConfig({ environment: {} }));
  });

  test('an unknown field of the file gets the field that was meant', async () => {
    const file = writeFile({ publicURL: 'https://x.example' });
    expect((await problemsOf({})).problems).toEqual([
      {
        where: `${file}: publicURL`,
        found: 'a field that does not exist',
        expected: 'publicUrl, perhaps',
      },
    ]);
  });

  test.each([
    ['no JSON', '{', 'no valid JSON'],
    ['a list', '[1]', 'another JSON value'],
    ['null', 'null', 'another JSON value'],
  ])('a file with %s', async (_what, content, found) => {
    const file = writeFile(content);
    expect((await problemsOf({})).problems).toEqual([expect.objectContaining({ where: file, found })]);
  });

  test('a named file that is not there', async () => {
    const { problems } = await problemsOf({ ESTOVER_CONFIG: join(folder, 'missing.json') });
    expect(problems).toEqual([expect.objectContaining({ found: expect.stringContaining('ENOENT') })]);
  });

  test('a mail server without a sender, a sender without one, and what is neither', async () => {
    const smtpUrl = 'smtp://mail.example';
    const address = { ESTOVER_PUBLIC_URL: 'https://licenses.example.com' };
    expect((await problemsOf({ ...address, ESTOVER_SMTP_URL: smtpUrl })).problems).toEqual([
      expect.objectContaining({ where: 'ESTOVER_MAIL_FROM', found: 'nothing' }),
    ]);
    const whole = { ESTOVER_SMTP_URL: smtpUrl, ESTOVER_MAIL_FROM: 'a@b.example' };
    expect((await problemsOf(whole)).problems).toEqual([
      expect.objectContaining({ where: 'ESTOVER_PUBLIC_URL', found: 'nothing' }),
    ]);
    for (const url of [
      'smtp://mail.example?requireTLS=false',
      'smtp://mail.example/x',
      'https://mail.example',
    ]) {
      const { problems } = await problemsOf({ ...address, ...whole, ESTOVER_SMTP_URL: url });
      expect(problems.map(({ where }) => where)).toContain('ESTOVER_SMTP_URL');
    }
    expect((await problemsOf({ ESTOVER_MAIL_FROM: 'a@b.example' })).problems).toEqual([
      expect.objectContaining({ where: 'ESTOVER_SMTP_URL', found: 'nothing' }),
    ]);
    for (const from of [
      'nobody',
      'Estover <x>',
      '<@example.com>',
      'a@b.example, c@d.example',
      'a,b@c.example',
      'Estover: Team <a@b.example>;',
      'A\r\nBcc: <a@b.c>',
    ]) {
      const { problems } = await problemsOf({
        ...address,
        ESTOVER_SMTP_URL: smtpUrl,
        ESTOVER_MAIL_FROM: from,
      });
      expect(problems).toEqual([expect.objectContaining({ where: 'ESTOVER_MAIL_FROM' })]);
    }
  });

  test.each([
    ['ESTOVER_OUTBOUND_ALLOW', 'localhost'],
    ['ESTOVER_SAML', 'yes'],
  ])('%s as %s', async (variable, text) => {
    expect((await problemsOf({ [variable]: text })).problems).toEqual([
      expect.objectContaining({ where: variable }),
    ]);
  });

  test('public mail domains that are none', async () => {
    expect(
      (await problemsOf({ ESTOVER_PUBLIC_MAIL_DOMAINS: 'mail.example,ana@x.example' })).problems,
    ).toEqual([expect.objectContaining({ where: 'ESTOVER_PUBLIC_MAIL_DOMAINS' })]);
  });

  test('a certificate without its key, or one that is not there', async () => {
    const certificate = writeFile('c', 'c.pem');
    expect((await problemsOf({ ESTOVER_TLS_CERTIFICATE_FILE: certificate })).problems).toEqual([
      expect.objectContaining({ where: 'ESTOVER_TLS_KEY_FILE', found: 'nothing' }),
    ]);
    const missing = join(folder, 'missing.pem');
    const both = { ESTOVER_TLS_CERTIFICATE_FILE: missing, ESTOVER_TLS_KEY_FILE: certificate };
    expect((await problemsOf(both)).problems.map(({ where }) => where)).toEqual([
      'ESTOVER_TLS_CERTIFICATE_FILE',
    ]);
  });

  test.each([1, 31, 33])('an encryption key of %i bytes', async (length) => {
    const key = Buffer.alloc(length, 7).toString('base64');
    expect((await problemsOf({ ESTOVER_ENCRYPTION_KEY: key })).problems).toEqual([
      expect.objectContaining({ where: 'ESTOVER_ENCRYPTION_KEY', found: 'a value that is not shown' }),
    ]);
  });
});
