import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Client, createClient } from '@estover/protocol';
import { UsageError } from '../command.ts';
import { CommandFailure, exitCodes } from './failures.ts';
import { patientFetch } from './patient-fetch.ts';
import type { Shell } from './shell.ts';

/** What a program shows to the server: an API key, or the credentials of a client for which it gets tokens. */
export type Credentials = { apiKey: string } | { clientId: string; clientSecret: string };

/** Where a profile signs in, and with what; without credentials only what is open to everybody goes. */
export interface Profile {
  server: string;
  credentials: Credentials | null;
}

/** A command's connection to the server. */
export interface Session {
  server: string;
  client: Client;
  /** For files, which the client does not stream: the same patience, and the key. */
  fetch: typeof globalThis.fetch;
  authorization: Record<string, string>;
}

type Profiles = Record<string, Profile>;

/** The file of the profiles: `$XDG_CONFIG_HOME/estover/profiles.json`. */
export function profilesFile({ environment }: Pick<Shell, 'environment'>): string {
  const { XDG_CONFIG_HOME: configHome } = environment;
  const folder = configHome === undefined || configHome === '' ? join(homedir(), '.config') : configHome;
  return join(folder, 'estover', 'profiles.json');
}

/** The kept profiles; none where there is no file. */
export async function readProfiles(shell: Pick<Shell, 'environment'>): Promise<Profiles> {
  const file = profilesFile(shell);
  let written: string;
  try {
    written = await readFile(file, 'utf8');
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    if (code === 'ENOENT') return {};
    throw new CommandFailure(
      exitCodes.notAllowed,
      `The file ${file} cannot be read (${code}).`,
      'Let yourself read it, or name another folder with XDG_CONFIG_HOME.',
    );
  }
  try {
    return JSON.parse(written) as Profiles;
  } catch {
    throw new CommandFailure(
      exitCodes.notAllowed,
      `The file ${file} holds no profiles that can be read.`,
      'Remove it and sign in again with estover login.',
    );
  }
}

/** Keeps the profiles whole or not at all, in a file that only its owner reads. */
export async function writeProfiles(shell: Pick<Shell, 'environment'>, profiles: Profiles): Promise<void> {
  const file = profilesFile(shell);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
  await rename(next, file);
}

/** The address of a server as it was typed, without a path. */
export function serverOf(given: string): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `"${given}" is no address of a server. Give one such as https://licenses.example.com.`,
    );
  }
  return url.origin;
}

/** The name of the profile that is meant where none is named. */
export const profileNamed = (shell: Pick<Shell, 'environment'>, named: string | undefined): string =>
  named ?? (shell.environment['ESTOVER_PROFILE'] || 'default');

/** Credentials of the environment, which go before those that are kept; null where it has none. */
export function credentialsOf({ environment }: Pick<Shell, 'environment'>): Credentials | null {
  const {
    ESTOVER_API_KEY: apiKey,
    ESTOVER_CLIENT_ID: clientId,
    ESTOVER_CLIENT_SECRET: clientSecret,
  } = environment;
  if (apiKey) return { apiKey };
  return clientId && clientSecret ? { clientId, clientSecret } : null;
}

/**
 * Which server a command speaks to, and as whom: the profile that is named, else `ESTOVER_SERVER` with the credentials of
 * the environment, else the kept profile. Kept credentials go to no other server than the one they were kept for.
 */
export async function chosenProfile(shell: Shell, named: string | undefined): Promise<Profile> {
  const { ESTOVER_SERVER: server } = shell.environment;
  const credentials = credentialsOf(shell);
  if (named === undefined && server) return { server: serverOf(server), credentials };
  if (named === undefined && credentials !== null) {
    throw new UsageError('The environment has credentials and no server. Set ESTOVER_SERVER as well.');
  }
  const name = profileNamed(shell, named);
  const profile = (await readProfiles(shell))[name];
  if (profile !== undefined) return profile;
  throw new CommandFailure(
    exitCodes.notAllowed,
    name === 'default' ? 'You are not signed in.' : `There is no profile ${name}.`,
    `Sign in with estover login --server URL${name === 'default' ? '' : ` --profile ${name}`}, or set ESTOVER_SERVER and ESTOVER_API_KEY.`,
  );
}

/** Opens a session; gets a token first where a client signs in by its credentials. */
export async function openSession(shell: Shell, { server, credentials }: Profile): Promise<Session> {
  const fetch = patientFetch(shell);
  const apiKey =
    credentials === null
      ? null
      : 'apiKey' in credentials
        ? credentials.apiKey
        : await tokenOf(fetch, server, credentials);
  return {
    server,
    fetch,
    authorization: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
    client: createClient({ baseUrl: server, fetch, ...(apiKey === null ? {} : { apiKey }) }),
  };
}

/** An access token by client credentials (RFC 6749 §4.4). */
async function tokenOf(
  fetch: typeof globalThis.fetch,
  server: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const pair = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString(
    'base64',
  );
  const response = await fetch(`${server}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${pair}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const answer = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  if (typeof answer?.['access_token'] === 'string') return answer['access_token'];
  const told = answer?.['error_description'];
  throw new CommandFailure(
    response.status >= 500 ? exitCodes.serverFailed : exitCodes.notAllowed,
    typeof told === 'string' ? told : `The server answered ${response.status} and gave no token.`,
    'Check the client id and its secret on the page API clients, and the address of the server.',
  );
}
