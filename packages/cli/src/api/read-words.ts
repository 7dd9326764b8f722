import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from '../command.ts';
import { type ApiCommand, namedOptions, nameOf } from './api-command.ts';
import type { Option } from './options.ts';

/** What the words of a command line say, before anything is looked up. */
export interface Words {
  /** Values by option, in the order of the words; those of flags are booleans, `null` is `none`. */
  values: ReadonlyMap<Option, readonly unknown[]>;
  /** A file of JSON for the body; `-` is the input. */
  bodyFile: string | null;
  /** The file to send as it is. */
  sentFile: string | null;
  json: boolean;
  all: boolean;
  limit: number | null;
  cursor: string | null;
  output: string | null;
  dryRun: boolean;
  yes: boolean;
  profile: string | undefined;
  idempotencyKey: string | undefined;
}

const flag = { type: 'boolean' } as const;
const word = { type: 'string' } as const;

/** The options of `parseArgs` that a command has beside those of its operation. */
function commonOptions(command: ApiCommand): ParseArgsOptionsConfig {
  const { operation, takesBody, takesFile, isPaged, isDestructive } = command;
  return {
    json: flag,
    profile: word,
    ...(isPaged ? { all: flag, limit: word, cursor: word } : {}),
    ...(operation.fileAnswer ? { output: word } : {}),
    ...(takesBody ? { body: word } : {}),
    ...(takesFile ? { csv: word } : {}),
    ...(operation.dryRun ? { 'dry-run': flag } : {}),
    ...(isDestructive ? { yes: flag } : {}),
    ...(operation.method === 'GET' ? {} : { 'idempotency-key': word }),
  };
}

/** Reads the words after the name of a command; wrong ones are a `UsageError`. */
export function readWords(command: ApiCommand, words: readonly string[]): Words {
  const own = namedOptions(command);
  const { values: given, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    allowNegative: true,
    options: {
      ...commonOptions(command),
      ...Object.fromEntries(
        own.map(({ flag: name, kind }) => [
          name,
          kind === 'flag' ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true },
        ]),
      ),
    },
  });
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' ? value : undefined;
  };
  const values = new Map<Option, readonly unknown[]>();
  for (const option of own) {
    const value = given[option.flag];
    if (value === undefined) continue;
    const texts = Array.isArray(value) ? value : [value];
    if (!option.multiple && option.kind !== 'json' && texts.length > 1) {
      throw new UsageError(`--${option.flag} is given once; found ${texts.join(', ')}.`);
    }
    values.set(
      option,
      texts.flatMap((each) => (typeof each === 'string' ? readValue(option, each) : [each])),
    );
  }

  const rest = [...positionals];
  const { subjectOption } = command;
  if (subjectOption !== null) {
    const subject = rest.shift();
    if (subject === undefined) {
      throw new UsageError(
        `What is missing is the ${placeholderOf(subjectOption)}: ${subjectOption.meaning}.`,
      );
    }
    values.set(subjectOption, readValue(subjectOption, subject));
  }
  const sentFile = command.takesFile ? (text('csv') ?? rest.shift() ?? null) : null;
  if (command.takesFile && sentFile === null) {
    throw new UsageError('What is missing is the file: its path, or - for the input.');
  }
  if (rest.length > 0) {
    throw new UsageError(`There is no place for "${rest.join(' ')}" in estover ${nameOf(command)}.`);
  }

  const limit = text('limit');
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new UsageError(`--limit takes a whole number from 1 on; found "${limit}".`);
  }
  if (limit !== undefined && given['all'] === true) throw new UsageError('Give --limit or --all, not both.');
  const read: Words = {
    values,
    bodyFile: text('body') ?? null,
    sentFile,
    json: given['json'] === true,
    all: given['all'] === true,
    limit: limit === undefined ? null : Number(limit),
    cursor: text('cursor') ?? null,
    output: text('output') ?? null,
    dryRun: given['dry-run'] === true,
    yes: given['yes'] === true,
    profile: text('profile'),
    idempotencyKey: text('idempotency-key'),
  };
  if (read.json && command.operation.fileAnswer) {
    throw new UsageError('This answers a file, which is written as it is; there is no --json for it.');
  }
  // What the body can hold may come from its file; all else is missed before anything is asked of the server.
  const missing = command.options.filter(
    (option) => option.required && !values.has(option) && (option.place !== 'body' || read.bodyFile === null),
  );
  if (missing.length > 0) {
    throw new UsageError(`What is missing: ${missing.map(({ flag: name }) => `--${name}`).join(', ')}.`);
  }
  return read;
}

/** How a value is written in help: `<number>`, or what it is of. */
export function placeholderOf({ kind, flag: name }: Option): string {
  switch (kind) {
    case 'number':
    case 'instant':
    case 'json':
    case 'scope':
    case 'account':
    case 'virtual-account':
      return kind;
    default:
      return name;
  }
}

/** The values of an option's text; ids and paths are looked up later. A list in JSON is several. */
function readValue(option: Option, text: string): unknown[] {
  const { flag: name, kind, values, nullable } = option;
  const wrong = (expected: string) => new UsageError(`--${name} takes ${expected}; found "${text}".`);
  if (nullable && text === 'none') return [null];
  if (values !== null && !values.includes(text)) {
    throw wrong(`one of ${values.join(', ')}${nullable ? ', none' : ''}`);
  }
  if (kind === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw wrong('a number');
    return [Number(text)];
  }
  // A day is its first instant.
  if (kind === 'instant') return [/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text];
  if (kind === 'json') {
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) ? value : [value];
    } catch {
      throw wrong(`JSON such as ${option.meaning}`);
    }
  }
  return [text];
}
