import type { CallInput, Operation } from '@estover/protocol';
import type { ApiCommand } from './api-command.ts';
import type { Request } from './build-request.ts';
import { chosenColumns } from './chosen-columns.ts';
import { withProgress } from './patient-fetch.ts';
import type { Words } from './read-words.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';
import { type Column, columnsOf, createTable, namedColumns, recordLines } from './table.ts';

/** What a page of the API has at most. */
const largestPage = 200;
/** So many rows are shown where nobody says how many. */
const usualRows = 50;

interface Page {
  items: unknown[];
  nextCursor: string | null;
  [more: string]: unknown;
}

/** The columns of a list: those chosen for it, else by the shape of its items. */
function listColumns({ operation, answer }: ApiCommand): Column[] {
  const chosen = chosenColumns[operation.name];
  return chosen === undefined ? columnsOf(answer.properties?.['items']?.items ?? {}) : namedColumns(chosen);
}

/** Reads as many pages as are asked for and prints them as they come: a table, or lines of JSON. */
export async function printList(
  command: ApiCommand,
  words: Words,
  request: Request,
  { client }: Session,
  shell: Shell,
): Promise<void> {
  const wanted = words.all ? Number.POSITIVE_INFINITY : (words.limit ?? usualRows);
  const print = createTable(listColumns(command), shell.width);
  let rows = 0;
  let cursor = words.cursor;
  await withProgress(
    shell,
    () => `${rows} rows so far`,
    async () => {
      do {
        const limit = Math.min(largestPage, wanted - rows);
        const query = { ...request.query, limit, ...(cursor === null ? {} : { cursor }) };
        const page = await callPage(client, command.operation, { ...request, query });
        if (words.all && words.json) for (const each of page.items) shell.out(JSON.stringify(each));
        else if (page.items.length > 0) shell.out(print(page.items).join('\n'));
        rows += page.items.length;
        cursor = page.nextCursor;
        const others = Object.fromEntries(
          Object.entries(page).filter(([name]) => name !== 'items' && name !== 'nextCursor'),
        );
        const isLast = cursor === null || rows >= wanted;
        if (isLast && !words.json && Object.keys(others).length > 0) {
          shell.out(['', ...recordLines(others, command.answer, false, shell.width)].join('\n'));
        }
      } while (cursor !== null && rows < wanted);
    },
  );
  if (words.json) return;
  if (rows === 0) shell.err('There is nothing to show.');
  if (cursor !== null) shell.err(`There is more: --all shows everything, --cursor ${cursor} what follows.`);
}

async function callPage(client: Session['client'], operation: Operation, request: Request): Promise<Page> {
  return (await client.call(operation, request as CallInput<Operation>)) as Page;
}

/** Prints an answer that is not paged; one that is a list and little else as a table. */
export function printAnswer(command: ApiCommand, answer: unknown, shell: Shell): void {
  const { operation, answer: shape } = command;
  const items = (answer as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) {
    const lines = recordLines(answer, shape, operation.secretAnswer, shell.width);
    shell.out(lines.length === 0 ? 'Done.' : lines.join('\n'));
    return;
  }
  if (items.length === 0) shell.err('There is nothing to show.');
  else shell.out(createTable(listColumns(command), shell.width)(items).join('\n'));
  const { items: _, ...others } = answer as Record<string, unknown>;
  const rest = recordLines(others, shape, operation.secretAnswer, shell.width);
  if (rest.length > 0) shell.out(['', ...rest].join('\n'));
}
