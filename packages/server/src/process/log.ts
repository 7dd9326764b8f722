import { Writable } from 'node:stream';
import { secretPattern } from '@estover/protocol/secrets';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { z } from 'zod';
import type { ServerConfig } from './config.ts';

/** Names of fields whose values never reach a log, at the top or within one object, and in the headers of requests. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'token',
  'key',
  'operatorKey',
  'encryptionKey',
  'privateKey',
  'authorization',
  'cookie',
  'databaseUrl',
  'connectionString',
];
const SECRET_PATHS = [
  ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
  ...['authorization', 'cookie', 'set-cookie', 'x-api-key'].flatMap((header) => [
    `headers["${header}"]`,
    `*.headers["${header}"]`,
  ]),
];

/**
 * The server's log: lines of JSON for machines, or one readable line per entry for a person. Secrets are left out by
 * the names of their fields, and cut out of texts where they have a form that can be told.
 */
export function createLog(
  { logLevel, logFormat }: Pick<ServerConfig, 'logLevel' | 'logFormat'>,
  destination: DestinationStream = process.stdout,
): Logger {
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[left out]' },
      hooks: { streamWrite: withoutSecrets },
      serializers: {
        // Errors of the database carry the refused values in further fields, which stay out.
        err: (thrown: Error) => {
          const { type, message, stack } = stdSerializers.err(thrown);
          return { type, message, stack };
        },
        // The query of an address may hold a one-time secret, so only its path is written.
        req: (request: { method?: string; url?: string }) => ({
          method: request.method,
          path: request.url?.split('?')[0],
        }),
      },
    },
    logFormat === 'pretty' ? readable(destination) : destination,
  );
}

/**
 * Signs that end a line or turn the direction of writing for some reader of a log: whoever is named by them would write lines of
 * their own, or have others read backwards (OWASP ASVS 5.0 §16.4.1). JSON writes the other control characters in words itself.
 */
const misleading = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const inWords = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Cuts secrets of our own making and the passwords of addresses out of whatever text they are in. */
function withoutSecrets(line: string): string {
  return line
    .replace(misleading, inWords)
    .replace(secretPattern, (secret) => `${secret.slice(0, 5)}[left out]`)
    .replace(/(\w+:\/\/[^\s:/@"]*):[^\s@"]+@/g, '$1:[left out]@');
}

const entry = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().optional() });

/** Turns lines of JSON into lines such as `12:30:01 warn  The port is taken  asked=5432`. */
function readable(destination: DestinationStream): DestinationStream {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString('utf8').split('\n')) {
        if (line !== '') destination.write(`${readableLine(line)}\n`);
      }
      done();
    },
  });
}

function readableLine(line: string): string {
  const { level, time, msg = '', err, ...details } = entry.parse(JSON.parse(line));
  const fields = Object.entries(details).map(([name, value]) => `${name}=${plain(value)}`);
  const stack = z.object({ stack: z.string() }).safeParse(err).data?.stack;
  const text = [time.slice(11, 19), level.padEnd(5), inOneLine(msg), ...fields].join(' ');
  // Indented, so that no line of an error looks like an entry of its own.
  const lines = stack?.split(/\r\n|\n|\r/).map((each) => `\n    ${inOneLine(each)}`) ?? [];
  return `${text}${lines.join('')}`;
}

const inOneLine = (text: string): string => text.replace(/\p{Cc}/gu, inWords).replace(misleading, inWords);

function plain(value: unknown): string {
  const text = typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
  return inOneLine(text ?? '');
}
