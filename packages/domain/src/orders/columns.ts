import { closestOf } from './closest.ts';

export type ColumnErrorCode = 'unknown-column' | 'repeated-column' | 'missing-column';

/** Something wrong with the header of a file, which is its row 1. */
export interface ColumnError {
  readonly row: 1;
  readonly column: string;
  readonly code: ColumnErrorCode;
  readonly detail: string;
}

/**
 * What is wrong with a header: every column is there once, the required ones are present, none is unknown.
 *
 * @param columns the columns there are, with `true` for those that must be there
 */
export function checkColumns(
  header: readonly string[],
  columns: Readonly<Record<string, boolean>>,
): ColumnError[] {
  const known = Object.keys(columns);
  const names = header.map(columnName);
  const errors: ColumnError[] = [];
  const at = (column: string, code: ColumnErrorCode, detail: string) =>
    errors.push({ row: 1, column, code, detail });
  const missing = known.filter((column) => !names.includes(column));
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(columns, name)) {
      const given = header[index]?.trim() || `number ${index + 1}`;
      const meant = closestOf(name, missing.length > 0 ? missing : known);
      const hint = meant === null ? ` The columns are ${known.join(', ')}.` : ` Did you mean ${meant}?`;
      at(given, 'unknown-column', `There is no column ${given}.${hint}`);
    } else if (names.indexOf(name) !== index) {
      at(name, 'repeated-column', `The column ${name} is there twice. Leave one out.`);
    }
  }
  for (const column of missing) {
    if (columns[column])
      at(column, 'missing-column', `The column ${column} is missing. Add it to the header.`);
  }
  return errors;
}

/** A column's name as it is compared: without blanks around it and without case. */
export const columnName = (text: string): string => text.trim().toLowerCase();
