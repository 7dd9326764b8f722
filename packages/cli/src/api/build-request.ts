import { UsageError } from '../command.ts';
import type { ApiCommand } from './api-command.ts';
import { accountIdOf, scopeOf, virtualAccountIdOf } from './look-up.ts';
import type { Option } from './options.ts';
import type { Words } from './read-words.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';

/** A request as the client takes it. */
export interface Request {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
  contentType?: string;
}

type Members = Record<string, unknown>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts a value at a path, making what is missing on the way. */
function put(target: Members, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = isMembers(target[first]) ? target[first] : {};
  target[first] = inner;
  put(inner, rest, value);
}

/** The JSON of `--body`; what is no object is wrong usage, because options could not be put into it. */
async function bodyOf(shell: Shell, file: string): Promise<Members> {
  const text = await readFileOf(shell, file);
  try {
    const value: unknown = JSON.parse(text);
    if (isMembers(value)) return value;
  } catch {
    // Told below, together with what is JSON and no object.
  }
  throw new UsageError(
    `--body takes JSON of an object; ${file === '-' ? 'the input' : file} holds something else.`,
  );
}

async function readFileOf(shell: Shell, file: string): Promise<string> {
  try {
    return await shell.read(file);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw new UsageError(`The file ${file} cannot be read (${code}).`);
  }
}

/** Files of JSON are known by their name; all else is CSV. */
const mediaOf = (file: string): string => (file.endsWith('.json') ? 'application/json' : 'text/csv');

/** Makes the request of the words: options over the body's file, and what is named looked up. */
export async function buildRequest(
  command: ApiCommand,
  words: Words,
  shell: Shell,
  session: () => Promise<Session>,
): Promise<Request> {
  const { options, takesBody } = command;
  const places: Record<Option['place'], Members> = { params: {}, query: {}, body: {} };
  if (words.bodyFile !== null) places.body = await bodyOf(shell, words.bodyFile);
  const sent = words.sentFile === null ? null : await readFileOf(shell, words.sentFile);

  // The account first: virtual accounts are looked up in it.
  const sorted = options.toSorted((a, b) => Number(b.kind === 'account') - Number(a.kind === 'account'));
  for (const option of sorted) {
    const given = words.values.get(option);
    if (given === undefined) continue;
    const value = await resolve(option, given, places, shell, session);
    put(places[option.place], option.path, value);
  }

  return {
    params: places.params,
    query: places.query,
    body: sent ?? (takesBody ? places.body : undefined),
    ...(words.sentFile === null ? {} : { contentType: mediaOf(words.sentFile) }),
  };
}

async function resolve(
  option: Option,
  given: readonly unknown[],
  { params }: { params: Members },
  shell: Shell,
  session: () => Promise<Session>,
): Promise<unknown> {
  const { kind, multiple, flag } = option;
  const accountId = String(params['accountId']);
  if (kind === 'scope') return scopeOf(await session(), accountId, given.map(String));
  const resolved: unknown[] = [];
  for (const each of given) {
    if (each === null) resolved.push(null);
    else if (kind === 'account') resolved.push(await accountIdOf(await session(), String(each)));
    else if (kind === 'virtual-account' && !isWord(option, each)) {
      resolved.push(await virtualAccountIdOf(await session(), accountId, String(each)));
    } else if (kind === 'secret' && each === '-') resolved.push(await shell.ask(`${flag}: `, true));
    else resolved.push(each);
  }
  return multiple ? resolved : resolved[0];
}

/** Words that stand in the place of a virtual account: tokens may go to nobody, children to the top. */
const isWord = ({ path }: Option, value: unknown): boolean =>
  (path[0] === 'tokensTo' && value === 'revoked') || (path[0] === 'childrenTo' && value === 'top');
