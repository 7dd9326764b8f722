/** What a spreadsheet would take for a formula gets an apostrophe before it, so that opening the file runs nothing. */
const field = (value: string | number): string => {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export interface RowError {
  row: number;
  column: string;
  code: string;
  detail: string;
}

/** The errors of an import as a CSV file, RFC 4180, for whoever mends the rows. */
export function errorsCsv(errors: readonly RowError[]): string {
  const lines = errors.map(({ row, column, code, detail }) =>
    [row, column, code, detail].map(field).join(','),
  );
  return `${['row,column,code,detail', ...lines].join('\r\n')}\r\n`;
}
