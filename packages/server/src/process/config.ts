import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { normalizeMailDomain } from '@estover/domain/accounts';
import { parseSecret } from '@estover/protocol/secrets';
import { z } from 'zod';
import { type ConnectionLimits, defaultConnectionLimits } from '../edge/connection-limits.ts';
import { type Network, readNetworks } from '../outbound/index.ts';
import type { MetricsAddress } from './metrics-listener.ts';
import { reasonOf, StartError, systemCodeOf } from './start-error.ts';

/** How a server process runs. Made by `loadConfig`; every field is checked. */
export type ServerConfig = {
  /** Absolute path. Holds the embedded database and the key file; made at the first start. */
  readonly dataFolder: string;
  /** Secret: may hold a password. Undefined means the embedded database. */
  readonly databaseUrl: string | undefined;
  readonly host: string;
  /** 0 means a free one. */
  readonly port: number;
  /** The address people and devices use, without a slash at the end. Undefined means the address listened on. */
  readonly publicUrl: string | undefined;
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Whose X-Forwarded-… headers count: everybody's, nobody's, or those of a list of addresses and networks. */
  readonly trustProxy: boolean | string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
  /** Secret. Becomes an operator's API key at the first start. */
  readonly operatorKey: string | undefined;
  /** Secret. 32 bytes; undefined means the key file in the data folder. */
  readonly encryptionKey: Uint8Array | undefined;
  /** The mail server (secret: it may hold a password) and who mails come from; undefined keeps mails in the outbox. */
  readonly mail:
    | { readonly smtpUrl: string; readonly from: { readonly name: string; readonly address: string } }
    | undefined;
  /** Mail domains at which anybody may have an address, beside the kept list, and those of the list that are a company's. */
  readonly publicMailDomains:
    | { readonly added: ReadonlySet<string>; readonly removed: ReadonlySet<string> }
    | undefined;
  /** Networks that requests to addresses which people give may go to, beside the public Internet. */
  readonly outboundAllow: readonly Network[];
  /** A sorted list of SHA-1 hashes of passwords that nobody may choose; undefined means none. */
  readonly breachedPasswordsFile: string | undefined;
  /** Whether accounts may set up single sign-on by SAML. */
  readonly saml: boolean;
  /** What lines to the server may take. */
  readonly limits: ConnectionLimits;
  /** Whether the reference of the API and its document are served. */
  readonly reference: boolean;
  /** Metrics beside all else, nowhere, or at an address of their own. */
  readonly metrics: 'here' | 'off' | MetricsAddress;
};

/** One thing wrong with the configuration. `found` never shows a secret. */
export type ConfigProblem = {
  /** The variable, or the file and its field, or the option of the command line. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
};

/** All that is wrong with the configuration, at once. */
export class ConfigError extends StartError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ where, found, expected }) => `  ${where}: found ${found}, expected ${expected}`,
    );
    super(`The configuration cannot be used:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['json', 'pretty'] as const;

const isUrl = (text: string, protocols: readonly string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);
const isOrigin = (text: string) =>
  isUrl(text, ['http:', 'https:']) && new URL(text).href === `${new URL(text).origin}/`;
/** Without a path or a query, which would change how mails are sent. */
const isMailServer = (text: string) =>
  isUrl(text, ['smtp:', 'smtps:']) &&
  new URL(text).hostname !== '' &&
  /^\/?$/.test(new URL(text).pathname) &&
  !/[?#]/.test(text);
/** `licenses@example.com`, or a name before it in angle brackets. */
const sender =
  /^(?:([^<>@,;:()"\p{Cc}]*)<([^<>@,;:()"\s]+@[^<>@,;:()"\s]+)>|([^<>@,;:()"\s]+@[^<>@,;:()"\s]+))$/u;
/** `one.example,-two.example`: added ones, and with a minus those taken out. Undefined where one cannot be a domain. */
function readMailDomains(text: string): ServerConfig['publicMailDomains'] | undefined {
  const added = new Set<string>();
  const removed = new Set<string>();
  for (const each of text.split(',').map((word) => word.trim())) {
    const domain = normalizeMailDomain(each.replace(/^-/, ''));
    if (!domain.ok) return undefined;
    (each.startsWith('-') ? removed : added).add(domain.value);
  }
  return { added, removed };
}
const decodeKey = (text: string) => Buffer.from(text, 'base64');

type Setting<T> = {
  readonly variable: string;
  /** What a person should write, for the message of an error. */
  readonly expected: string;
  readonly schema: z.ZodType<T>;
  readonly secret?: true;
  /** What a variable's text means, where it is not the text itself. */
  readonly fromText?: (text: string) => unknown;
};

const setting = <T>(given: Setting<T>): Setting<T> => given;
const path = z
  .string()
  .min(1)
  .transform((text) => resolve(text));

const wholeNumber = (variable: string, unit: string, least: number, most: number): Setting<number> =>
  setting({
    variable,
    expected: `${unit}, a whole number from ${least} to ${most}`,
    schema: z.int().min(least).max(most),
    fromText: numberFromText,
  });

const SETTINGS = {
  dataFolder: setting({ variable: 'ESTOVER_DATA_FOLDER', expected: 'the path of a folder', schema: path }),
  databaseUrl: setting({
    variable: 'DATABASE_URL',
    expected: 'postgresql://user:password@host:port/database',
    schema: z.string().refine((text) => isUrl(text, ['postgres:', 'postgresql:'])),
    secret: true,
  }),
  host: setting({
    variable: 'ESTOVER_HOST',
    expected: 'a host name or address to listen on, such as 127.0.0.1 or 0.0.0.0',
    schema: z.string().regex(/^[\w.:-]+$/),
  }),
  port: setting({
    variable: 'ESTOVER_PORT',
    expected: 'a port number from 0 (a free one) to 65535',
    schema: z.int().min(0).max(65_535),
    fromText: numberFromText,
  }),
  publicUrl: setting({
    variable: 'ESTOVER_PUBLIC_URL',
    expected: 'an address without a path, such as https://licenses.example.com',
    schema: z
      .string()
      .refine(isOrigin)
      .transform((text) => new URL(text).origin),
  }),
  tlsCertificateFile: setting({
    variable: 'ESTOVER_TLS_CERTIFICATE_FILE',
    expected: 'the path of a PEM certificate file',
    schema: path.refine(existsSync),
  }),
  tlsKeyFile: setting({
    variable: 'ESTOVER_TLS_KEY_FILE',
    expected: 'the path of a PEM private key file',
    schema: path.refine(existsSync),
  }),
  trustProxy: setting({
    variable: 'ESTOVER_TRUST_PROXY',
    expected: 'true, false, or addresses and networks of proxies separated by commas, such as 10.0.0.0/8',
    schema: z.union([
      z.boolean(),
      z
        .string()
        .regex(
          /^(loopback|linklocal|uniquelocal|[\da-fA-F.:]+(\/\d{1,3})?)(,\s*(loopback|linklocal|uniquelocal|[\da-fA-F.:]+(\/\d{1,3})?))*$/,
        ),
    ]),
    fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  }),
  logLevel: setting({
    variable: 'ESTOVER_LOG_LEVEL',
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    schema: z.enum(LOG_LEVELS),
  }),
  logFormat: setting({
    variable: 'ESTOVER_LOG_FORMAT',
    expected: `one of ${LOG_FORMATS.join(', ')}`,
    schema: z.enum(LOG_FORMATS),
  }),
  operatorKey: setting({
    variable: 'ESTOVER_OPERATOR_KEY',
    expected: 'an operator\'s API key, which begins with esak_; "estover operator-key" prints a new one',
    schema: z
      .string()
      .refine((text) => parseSecret(text, 'esak_').ok)
      .transform((text) => text.trim()),
    secret: true,
  }),
  encryptionKey: setting<Uint8Array>({
    variable: 'ESTOVER_ENCRYPTION_KEY',
    expected: '32 bytes in base64, for example from "openssl rand -base64 32"',
    schema: z
      .base64()
      .refine((text) => decodeKey(text).length === 32)
      .transform((text) => new Uint8Array(decodeKey(text))),
    secret: true,
  }),
  smtpUrl: setting({
    variable: 'ESTOVER_SMTP_URL',
    expected: 'smtp://user:password@host:587, or smtps:// where TLS begins at once',
    schema: z.string().refine(isMailServer),
    secret: true,
  }),
  breachedPasswordsFile: setting({
    variable: 'ESTOVER_BREACHED_PASSWORDS_FILE',
    expected: 'the path of a sorted file of HASH:COUNT lines, as such lists are published',
    schema: path.refine(existsSync),
  }),
  saml: setting({
    variable: 'ESTOVER_SAML',
    expected: 'on or off',
    schema: z.enum(['on', 'off']).transform((text) => text === 'on'),
  }),
  headersSeconds: wholeNumber('ESTOVER_HEADERS_TIMEOUT_SECONDS', 'seconds', 1, 600),
  requestSeconds: wholeNumber('ESTOVER_REQUEST_TIMEOUT_SECONDS', 'seconds', 1, 3_600),
  mostHeaders: wholeNumber('ESTOVER_MAX_HEADERS', 'headers', 20, 1_000),
  mostConnections: wholeNumber('ESTOVER_MAX_CONNECTIONS', 'connections', 1, 1_000_000),
  reference: setting({
    variable: 'ESTOVER_REFERENCE',
    expected: 'on or off',
    schema: z.enum(['on', 'off']).transform((text) => text === 'on'),
  }),
  metrics: setting<ServerConfig['metrics']>({
    variable: 'ESTOVER_METRICS',
    expected: 'on, off, or an address of its own such as 127.0.0.1:9464',
    schema: z.string().transform((text, check) => {
      if (text === 'on') return 'here';
      if (text === 'off') return 'off';
      const [, inBrackets, plain, port] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
      const host = inBrackets ?? plain;
      if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
      check.addIssue('no address with a port');
      return z.NEVER;
    }),
  }),
  mailFrom: setting({
    variable: 'ESTOVER_MAIL_FROM',
    expected: 'a mail address, such as Estover <licenses@example.com>',
    schema: z.string().transform((text, check) => {
      const [, name = '', bracketed, bare] = sender.exec(text) ?? [];
      const address = bracketed ?? bare;
      if (address !== undefined) return { name: name.trim(), address };
      check.addIssue('no single mail address');
      return z.NEVER;
    }),
  }),
  outboundAllow: setting({
    variable: 'ESTOVER_OUTBOUND_ALLOW',
    expected: 'addresses and networks separated by commas, such as 10.1.0.0/16,fd00::1',
    schema: z.string().transform((text, context) => {
      const networks = readNetworks(text);
      if (networks !== undefined) return networks;
      context.addIssue({ code: 'custom', message: 'not networks' });
      return z.NEVER;
    }),
  }),
  publicMailDomains: setting({
    variable: 'ESTOVER_PUBLIC_MAIL_DOMAINS',
    expected: 'mail domains separated by commas, with a minus before those that are a company’s',
    schema: z.string().transform((text, context) => {
      const domains = readMailDomains(text);
      if (domains !== undefined) return domains;
      context.addIssue({ code: 'custom', message: 'not mail domains' });
      return z.NEVER;
    }),
  }),
};

type SettingName = keyof typeof SETTINGS;
type Values = { [Name in SettingName]?: z.output<(typeof SETTINGS)[Name]['schema']> };
const names = Object.keys(SETTINGS) as SettingName[];

/** The variable that names the configuration file. */
const FILE_VARIABLE = 'ESTOVER_CONFIG';
const VARIABLES = [FILE_VARIABLE, ...names.map((name) => SETTINGS[name].variable)];

/** Variables of the commands that work with a server, which may be set in the same shell and mean nothing here. */
const COMMAND_VARIABLES = [
  'ESTOVER_SERVER',
  'ESTOVER_API_KEY',
  'ESTOVER_CLIENT_ID',
  'ESTOVER_CLIENT_SECRET',
  'ESTOVER_PROFILE',
];

export type ConfigSources = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the command line says, already split into names and texts. It goes before everything else. */
  readonly options?: Partial<Record<'dataFolder' | 'host' | 'port', string>>;
  /** Whether a person reads the output, who then gets readable logs by default. */
  readonly interactive?: boolean;
};

/**
 * Reads the configuration: the command line goes before the environment, that before the file named by
 * `ESTOVER_CONFIG` (or `estover.json` in the data folder), that before the defaults. An empty variable counts as
 * not set.
 *
 * @throws ConfigError with all problems of all sources at once.
 */
export async function loadConfig(sources: ConfigSources): Promise<ServerConfig> {
  const { environment, options = {}, interactive = false } = sources;
  const problems: ConfigProblem[] = [];
  const given = Object.entries(options).map(([name, text]) => ({
    name: name as SettingName,
    where: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value: fromText(name as SettingName, text),
  }));
  const variables = names.flatMap((name) => {
    const text = environment[SETTINGS[name].variable];
    if (text === undefined || text === '') return [];
    return [{ name, where: SETTINGS[name].variable, value: fromText(name, text) }];
  });
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('ESTOVER_') || VARIABLES.includes(variable)) continue;
    if (COMMAND_VARIABLES.includes(variable)) continue;
    problems.push(unknown(variable, 'a variable', variable, VARIABLES));
  }

  const values: Values = {};
  const take = (found: readonly Found[]) => {
    for (const { name, where, value } of found) {
      const checked = SETTINGS[name].schema.safeParse(value);
      if (!checked.success)
        problems.push({ where, found: shown(name, value), expected: SETTINGS[name].expected });
      // A source that goes first has already set the value; a later one is checked all the same.
      else if (!(name in values)) Object.assign(values, { [name]: checked.data });
    }
  };
  take(given);
  take(variables);
  take(await readConfigFile(environment[FILE_VARIABLE], values.dataFolder ?? resolve('.estover'), problems));

  const { tlsCertificateFile, tlsKeyFile } = values;
  const broken = problems.some(({ where }) => /tls/i.test(where));
  if ((tlsCertificateFile === undefined) !== (tlsKeyFile === undefined) && !broken) {
    const missing = tlsKeyFile === undefined ? 'tlsKeyFile' : 'tlsCertificateFile';
    problems.push({
      where: SETTINGS[missing].variable,
      found: 'nothing',
      expected: `${SETTINGS[missing].expected}, because the other one of certificate and key is set`,
    });
  }
  const { smtpUrl, mailFrom } = values;
  if (
    (smtpUrl === undefined) !== (mailFrom === undefined) &&
    !problems.some(({ where }) => /smtp|mail/i.test(where))
  ) {
    const missing = smtpUrl === undefined ? 'smtpUrl' : 'mailFrom';
    problems.push({
      where: SETTINGS[missing].variable,
      found: 'nothing',
      expected: `${SETTINGS[missing].expected}, because the other one of server and sender is set`,
    });
  }
  if (
    smtpUrl !== undefined &&
    values.publicUrl === undefined &&
    !problems.some(({ where }) => /public/i.test(where))
  ) {
    problems.push({
      where: SETTINGS.publicUrl.variable,
      found: 'nothing',
      expected: `${SETTINGS.publicUrl.expected}, because mails have links to it`,
    });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    dataFolder: values.dataFolder ?? resolve('.estover'),
    databaseUrl: values.databaseUrl,
    host: values.host ?? '127.0.0.1',
    port: values.port ?? 8080,
    publicUrl: values.publicUrl,
    tls:
      tlsCertificateFile !== undefined && tlsKeyFile !== undefined
        ? { certificateFile: tlsCertificateFile, keyFile: tlsKeyFile }
        : undefined,
    trustProxy: values.trustProxy ?? false,
    logLevel: values.logLevel ?? 'info',
    logFormat: values.logFormat ?? (interactive ? 'pretty' : 'json'),
    operatorKey: values.operatorKey,
    encryptionKey: values.encryptionKey,
    publicMailDomains: values.publicMailDomains,
    mail: smtpUrl !== undefined && mailFrom !== undefined ? { smtpUrl, from: mailFrom } : undefined,
    breachedPasswordsFile: values.breachedPasswordsFile,
    outboundAllow: values.outboundAllow ?? [],
    saml: values.saml ?? false,
    limits: {
      headersSeconds: values.headersSeconds ?? defaultConnectionLimits.headersSeconds,
      requestSeconds: values.requestSeconds ?? defaultConnectionLimits.requestSeconds,
      mostHeaders: values.mostHeaders ?? defaultConnectionLimits.mostHeaders,
      mostConnections: values.mostConnections ?? defaultConnectionLimits.mostConnections,
    },
    reference: values.reference ?? true,
    metrics: values.metrics ?? 'here',
  };
}

type Found = { readonly name: SettingName; readonly where: string; readonly value: unknown };

/** A named file must exist; the one in the data folder need not. */
async function readConfigFile(
  named: string | undefined,
  dataFolder: string,
  problems: ConfigProblem[],
): Promise<Found[]> {
  const file = named ? resolve(named) : join(dataFolder, 'estover.json');
  const expected = 'a file with one JSON object';
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (thrown) {
    if (!named && systemCodeOf(thrown) === 'ENOENT') return [];
    // A syntax error quotes the text around it, which may be a secret.
    const found = thrown instanceof SyntaxError ? 'no valid JSON' : reasonOf(thrown);
    problems.push({ where: named ? `${FILE_VARIABLE} (${file})` : file, found, expected });
    return [];
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push({ where: file, found: 'another JSON value', expected });
    return [];
  }
  const found: Found[] = [];
  for (const [field, value] of Object.entries(content)) {
    const name = names.find((each) => each === field);
    if (name !== undefined) found.push({ name, where: `${file}: ${field}`, value });
    else problems.push(unknown(`${file}: ${field}`, 'a field', field, names));
  }
  return found;
}

function fromText(name: SettingName, text: string): unknown {
  const { fromText: convert } = SETTINGS[name] as Setting<unknown>;
  return convert === undefined ? text : convert(text);
}

function numberFromText(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function shown(name: SettingName, value: unknown): string {
  if ((SETTINGS[name] as Setting<unknown>).secret) return 'a value that is not shown';
  return JSON.stringify(value).slice(0, 200);
}

function unknown(where: string, kind: string, word: string, known: readonly string[]): ConfigProblem {
  const [nearest] = known
    .map((each) => ({ each, distance: editDistance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, word.length / 4))
    .sort((a, b) => a.distance - b.distance);
  const hint = nearest === undefined ? `one of ${known.join(', ')}` : `${nearest.each}, perhaps`;
  return { where, found: `${kind} that does not exist`, expected: hint };
}

/** How many letters must be added, removed or changed to make one word of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
