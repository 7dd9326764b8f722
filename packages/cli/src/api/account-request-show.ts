import { parseArgs } from 'node:util';
import { listAccountRequests } from '@estover/protocol';
import { type Command, UsageError } from '../command.ts';
import { CommandFailure, exitCodes, tellFailure } from './failures.ts';
import { chosenProfile, openSession } from './session.ts';
import type { Shell } from './shell.ts';
import { recordLines } from './table.ts';

const largestPage = 200;

/** `estover account-requests show`: one request for an account, with what its reviewer has to know. */
export const accountRequestShow = (shell: Shell): Command => ({
  name: 'account-requests show',
  summary: 'One request for an account, to review it',
  ofServer: true,
  help: `Usage: estover account-requests show <request> [--json] [--profile <name>]

Shows one request for an account by its id, with everything that was given for its review. Then approve it, or decline it
with a reason: estover account-requests approve <request>, estover account-requests decline <request> --reason TEXT.

  <request>         id of the request, from estover account-requests list --state under-review
  --json            print the request as the API lists it
  --profile <name>  whom to be; see estover help login

Example: estover account-requests show 0193a3c2-7d1e-7c40-9b52-3f1c6a8e2d10`,

  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, profile: { type: 'string' } },
    });
    const [requestId, ...more] = positionals;
    if (requestId === undefined || more.length > 0) throw new UsageError('Name one request, by its id.');
    try {
      const { client } = await openSession(shell, await chosenProfile(shell, values.profile));
      let cursor: string | undefined;
      do {
        const page = await client.call(listAccountRequests, {
          query: { limit: largestPage, ...(cursor === undefined ? {} : { cursor }) },
        });
        const found = page.items.find((each) => each.requestId === requestId);
        if (found !== undefined) {
          shell.out(
            values.json
              ? JSON.stringify(found, null, 2)
              : recordLines(found, {}, false, shell.width).join('\n'),
          );
          return exitCodes.done;
        }
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      throw new CommandFailure(
        exitCodes.refused,
        `There is no request ${requestId}.`,
        'estover account-requests list shows them; closed ones are kept for 90 days.',
      );
    } catch (thrown) {
      const code = tellFailure(thrown, shell);
      if (code === null) throw thrown;
      return code;
    }
  },
});
