import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CallInput, type Operation, ProblemError, problemErrorOf, randomId } from '@estover/protocol';
import { UsageError } from '../command.ts';
import { printAnswer, printList } from './answer-lists.ts';
import type { ApiCommand } from './api-command.ts';
import { buildRequest, type Request } from './build-request.ts';
import { CommandFailure, exitCodes, tellFailure } from './failures.ts';
import { withProgress } from './patient-fetch.ts';
import { readWords, type Words } from './read-words.ts';
import { chosenProfile, openSession, type Session } from './session.ts';
import type { Shell } from './shell.ts';

/** Runs an operation as the words say, and answers the exit code. Wrong usage is thrown, as by every command. */
export async function runApiCommand(
  command: ApiCommand,
  given: readonly string[],
  shell: Shell,
): Promise<number> {
  const words = readWords(command, given);
  try {
    let opened: Promise<Session> | undefined;
    // Once, and not before something is asked of the server, so that wrong words are told to those who are not signed in.
    const session = () => {
      opened ??= chosenProfile(shell, words.profile).then((profile) => openSession(shell, profile));
      return opened;
    };
    const request = await buildRequest(command, words, shell, session);
    await confirm(command, words, shell);
    await carryOut(command, words, request, await session(), shell);
    return exitCodes.done;
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    const code = tellFailure(foreign(thrown), shell, command.options);
    if (code === null) throw thrown;
    return code;
  }
}

/** An answer that is no JSON is of somebody else: a page of a proxy, or a server that is no Estover. */
function foreign(thrown: unknown): unknown {
  const isForeign =
    thrown instanceof SyntaxError ||
    (thrown instanceof ProblemError && thrown.problem.type === 'about:blank');
  if (!isForeign) return thrown;
  const status = thrown instanceof ProblemError ? thrown.problem.status : 200;
  return new CommandFailure(
    status >= 500 ? exitCodes.serverFailed : exitCodes.notReachable,
    `What answered is not the API of Estover (status ${status}).`,
    'Check the address of the server, which estover whoami shows, and what lies in between.',
  );
}

/** Asks for the name before what cannot be undone is done; without a terminal only `--yes` goes. */
async function confirm(
  { isDestructive, subjectOption, noun, verb }: ApiCommand,
  words: Words,
  shell: Shell,
): Promise<void> {
  if (!isDestructive || words.yes || words.dryRun) return;
  // As it was typed, which is the name that the person knows.
  const subject = subjectOption === null ? undefined : words.values.get(subjectOption)?.[0];
  const name = typeof subject === 'string' ? subject : noun;
  if (!shell.isInteractive) {
    throw new CommandFailure(
      exitCodes.refused,
      `estover ${noun} ${verb} cannot be undone, and there is no terminal to ask on.`,
      'Add --yes if you mean it.',
    );
  }
  const answer = await shell.ask(`This cannot be undone. Type ${name} to go on: `);
  if (answer === name) return;
  throw new CommandFailure(exitCodes.refused, 'Nothing was changed: the name was another one.', 'Try again.');
}

async function carryOut(
  command: ApiCommand,
  words: Words,
  request: Request,
  session: Session,
  shell: Shell,
): Promise<void> {
  const { operation, isPaged } = command;
  if (operation.fileAnswer) return download(operation, words, request, session, shell);
  if (isPaged && (!words.json || words.all)) return printList(command, words, request, session, shell);
  const query = {
    ...request.query,
    ...(words.limit === null ? {} : { limit: words.limit }),
    ...(words.cursor === null ? {} : { cursor: words.cursor }),
  };
  const input = {
    ...request,
    query,
    ...(words.dryRun ? { dryRun: true } : {}),
    // One key for all tries, so that what arrived before a line broke is answered and not done again.
    idempotencyKey: words.idempotencyKey ?? randomId(),
  };
  const answer = await withProgress(
    shell,
    () => 'Waiting for the server',
    () => session.client.call(operation, input as CallInput<Operation>),
  );
  if (words.json) return shell.out(JSON.stringify(answer, null, 2));
  printAnswer(command, answer, shell);
  if (words.dryRun) shell.err('This was a dry run: nothing was changed.');
}

/** Writes the file of an answer as it comes; one that breaks off leaves no file that looks whole. */
async function download(
  operation: Operation,
  { output }: Words,
  request: Request,
  { client, fetch, authorization }: Session,
  shell: Shell,
): Promise<void> {
  let bytes = 0;
  await withProgress(
    shell,
    () => `${bytes} bytes so far`,
    async () => {
      const response = await fetch(client.url(operation, request as CallInput<Operation>), {
        headers: authorization,
      });
      if (!response.ok) throw await problemErrorOf(response);
      const pieces = async function* () {
        for await (const piece of response.body ?? []) {
          bytes += piece.byteLength;
          yield piece;
        }
      };
      try {
        if (output === null || output === '-') for await (const piece of pieces()) await shell.write(piece);
        else await keep(pieces(), resolve(shell.folder, output));
      } catch (thrown) {
        throw brokenOff(thrown, output);
      }
    },
  );
  if (output !== null && output !== '-') shell.err(`${output}: ${bytes} bytes.`);
}

async function keep(pieces: AsyncIterable<Uint8Array>, output: string): Promise<void> {
  const part = `${output}.part`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(part));
    await rename(part, output);
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
}

function brokenOff(thrown: unknown, output: string | null): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (/^E(ACCES|ISDIR|NOENT|NOSPC|ROFS|PERM)$/.test(code)) {
    return new CommandFailure(
      exitCodes.refused,
      `${output ?? 'The output'} cannot be written (${code}).`,
      'Name another file with --output.',
    );
  }
  if (!(thrown instanceof TypeError)) return thrown;
  return new CommandFailure(exitCodes.serverFailed, 'The file broke off before its end.', 'Try again.');
}
