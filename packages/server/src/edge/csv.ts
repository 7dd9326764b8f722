import { parse } from 'csv-parse/sync';
import { Refused } from './refused.ts';

/**
 * A CSV file as its header and the rows below it (RFC 4180; with `;` as well, as some spreadsheets write it). Refuses
 * what is empty, not well-formed or not in UTF-8.
 */
export function readTable(text: string): { header: string[]; rest: string[][] } {
  const [first, ...rest] = recordsOf(text);
  if (first === undefined || first.every((cell) => cell.trim() === '')) {
    throw new Refused('malformed-body', 'The file is empty. Its first row must name the columns.');
  }
  // A spreadsheet may write empty columns to the right.
  return { header: first.slice(0, first.findLastIndex((cell) => cell.trim() !== '') + 1), rest };
}

function recordsOf(text: string): string[][] {
  refuseOtherEncodings(text);
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = header.includes(';') && !header.includes(',') ? ';' : ',';
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, columns: false });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused('malformed-body', `The file is not well-formed CSV: ${why}`);
  }
}

/** Text that was not UTF-8 has replacement characters after decoding; a wrong name is worse than no import. */
export function refuseOtherEncodings(text: string): void {
  if (text.includes('\uFFFD')) {
    throw new Refused('malformed-body', 'The file is not in UTF-8. Save it as UTF-8 and send it again.');
  }
}
