import { type Problem, ProblemError } from '@estover/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { csvHead } from './csv-head.ts';

/** The header and the first rows of a report, as they stand in its file. */
export interface Preview {
  header: string[];
  rows: string[][];
  /** Whether these are all rows. */
  complete: boolean;
}

const rowsShown = 10;

/** Reads no more of the file than its first rows: a report may have millions. */
async function readPreview(address: string, signal: AbortSignal): Promise<Preview> {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new ProblemError((await response.json()) as Problem, null);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let complete = reader === undefined;
  // One more than is shown tells whether more rows follow.
  const wanted = rowsShown + 2;
  while (!complete && csvHead(text, wanted, false).length < wanted) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) complete = true;
    else text += chunk.value;
  }
  await reader?.cancel();
  const [header = [], ...rows] = csvHead(text, wanted, complete);
  return { header, rows: rows.slice(0, rowsShown), complete: rows.length <= rowsShown };
}

/** The first rows of the CSV report at an address. */
export function usePreview(address: string) {
  return useQuery<Preview>({
    queryKey: ['report preview', address],
    queryFn: ({ signal }) => readPreview(address, signal),
    placeholderData: keepPreviousData,
  });
}
