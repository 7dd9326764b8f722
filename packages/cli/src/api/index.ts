import { operations } from '@estover/protocol';
import type { Command } from '../command.ts';
import { commands } from '../commands.ts';
import { accountRequestShow } from './account-request-show.ts';
import { apiCommands } from './api-commands.ts';
import { completion } from './completion.ts';
import { helpOf } from './help.ts';
import { login, logout, whoami } from './login.ts';
import { runApiCommand } from './run-api-command.ts';
import type { Shell } from './shell.ts';

/** The commands that work with a server: those around signing in, and one for each operation of the API. */
export function serverCommands(shell: Shell): Command[] {
  const generated = apiCommands(operations.values()).map(
    ({ name, summary, load }): Command => ({
      name,
      summary,
      ofServer: true,
      get help() {
        return helpOf(load());
      },
      run: (words) => runApiCommand(load(), words, shell),
    }),
  );
  const ofNouns = [...generated, accountRequestShow(shell)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const own = [login(shell), logout(shell), whoami(shell)];
  const complete: Command = completion(shell, () => [...commands, ...own, complete, ...ofNouns]);
  return [...own, complete, ...ofNouns];
}
