import { parseArgs } from 'node:util';
import { type AnswerOf, getMe } from '@estover/protocol';
import { type Command, UsageError } from '../command.ts';
import { CommandFailure, exitCodes, tellFailure } from './failures.ts';
import { plain } from './plain.ts';
import {
  type Credentials,
  chosenProfile,
  credentialsOf,
  openSession,
  profileNamed,
  profilesFile,
  readProfiles,
  serverOf,
  writeProfiles,
} from './session.ts';
import type { Shell } from './shell.ts';

const flag = { type: 'boolean', default: false } as const;
const word = { type: 'string' } as const;

const setting = `Variables go before what is kept: ESTOVER_SERVER with ESTOVER_API_KEY, or with ESTOVER_CLIENT_ID and
ESTOVER_CLIENT_SECRET; ESTOVER_PROFILE names the profile.`;

/** `estover login`: keeps an API key or client credentials once the server has taken them. */
export const login = (shell: Shell): Command => ({
  name: 'login',
  summary: 'sign in to a server, for the commands that work with it',
  help: `Usage: estover login --server <url> [--client-id <id>] [--profile <name>] [--json]

Asks for an API key, or with --client-id for the secret of that API client, without showing what is typed; from a script it
is read from the input. The server is asked who that is, and only then it is kept, in a file that only you can read
($XDG_CONFIG_HOME/estover/profiles.json). Keys are made on the page API clients of an account, or by the operator.

  --server <url>      address of the server (ESTOVER_SERVER)
  --client-id <id>    sign in as an API client by its id and secret
  --profile <name>    keep it under this name; otherwise default
  --json              print who that is as JSON

${setting}

Example: estover login --server https://licenses.example.com --profile operator`,

  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: { server: word, 'client-id': word, profile: word, json: flag },
    });
    const address = values.server ?? shell.environment['ESTOVER_SERVER'];
    if (!address) throw new UsageError('What is missing is the address of the server: --server URL.');
    const server = serverOf(address);
    const name = profileNamed(shell, values.profile);
    return telling(shell, async () => {
      if (server.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(server)) {
        shell.err('What you send to this address is not encrypted; https would be.');
      }
      const credentials = await askCredentials(shell, values['client-id']);
      const { client } = await openSession(shell, { server, credentials });
      const me = await client.call(getMe, {});
      await writeProfiles(shell, { ...(await readProfiles(shell)), [name]: { server, credentials } });
      if (values.json) shell.out(JSON.stringify(me, null, 2));
      else
        shell.out(
          [`Signed in as ${plain(me.name)}.`, ...lines(me, server), `Kept as profile ${name}.`].join('\n'),
        );
      return exitCodes.done;
    });
  },
});

async function askCredentials(shell: Shell, clientId: string | undefined): Promise<Credentials> {
  const given = credentialsOf(shell);
  if (given !== null && clientId === undefined) return given;
  const secret = await shell.ask(clientId === undefined ? 'API key: ' : `Secret of ${clientId}: `, true);
  if (secret === '') {
    throw new CommandFailure(exitCodes.notAllowed, 'No key was given.', 'Make one on the page API clients.');
  }
  return clientId === undefined ? { apiKey: secret } : { clientId, clientSecret: secret };
}

/** `estover logout`: forgets a profile. */
export const logout = (shell: Shell): Command => ({
  name: 'logout',
  summary: 'forget a key that estover login kept',
  help: `Usage: estover logout [--profile <name>] [--json]

Forgets what estover login kept. The key itself goes on working until it is revoked: estover api-keys revoke.

  --profile <name>    the profile to forget; otherwise default
  --json              print what was forgotten as JSON`,

  async run(words) {
    const { values } = parseArgs({ args: [...words], options: { profile: word, json: flag } });
    const name = profileNamed(shell, values.profile);
    return telling(shell, async () => {
      const { [name]: forgotten, ...rest } = await readProfiles(shell);
      if (forgotten === undefined) {
        throw new CommandFailure(
          exitCodes.refused,
          `There is no profile ${name}.`,
          `${profilesFile(shell)} has: ${Object.keys(rest).join(', ') || 'none'}.`,
        );
      }
      await writeProfiles(shell, rest);
      if (values.json) shell.out(JSON.stringify({ profile: name, server: forgotten.server }, null, 2));
      else shell.out(`Profile ${name} is forgotten. Its key works until it is revoked.`);
      return exitCodes.done;
    });
  },
});

/** `estover whoami`: which server the commands speak to, and as whom. */
export const whoami = (shell: Shell): Command => ({
  name: 'whoami',
  summary: 'show the server and whom it takes you for',
  help: `Usage: estover whoami [--profile <name>] [--json]

Shows which server the commands speak to, and whom it takes you for, with roles and accounts.

  --profile <name>    a profile other than the usual one
  --json              print the answer of the API

${setting}`,

  async run(words) {
    const { values } = parseArgs({ args: [...words], options: { profile: word, json: flag } });
    return telling(shell, async () => {
      const profile = await chosenProfile(shell, values.profile);
      const { client, server } = await openSession(shell, profile);
      const me = await client.call(getMe, {});
      shell.out(
        values.json ? JSON.stringify(me, null, 2) : [plain(me.name), ...lines(me, server)].join('\n'),
      );
      return exitCodes.done;
    });
  },
});

function lines(me: AnswerOf<typeof getMe>, server: string): string[] {
  return [
    `  server    ${server}`,
    ...(me.email === null ? [] : [`  mail      ${plain(me.email)}`]),
    ...(me.platformRoles.length === 0 ? [] : [`  platform  ${me.platformRoles.join(', ')}`]),
    ...me.accounts.map(
      ({ name, domainIdentifier, roles }) =>
        `  account   ${plain(name)} (${domainIdentifier}): ${[...new Set(roles.map(({ role }) => role))].join(', ')}`,
    ),
  ];
}

async function telling(shell: Shell, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    const code = tellFailure(thrown, shell);
    if (code === null) throw thrown;
    return code;
  }
}
