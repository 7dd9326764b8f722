import { kebab } from './naming.ts';
import type { Schema } from './options.ts';
import { plain } from './plain.ts';

/** A column of a table, or a line of a record. */
export interface Column {
  title: string;
  value(row: unknown): unknown;
}

/** More are hard to read in one line. */
const mostColumns = 7;
const longestCell = 60;

const isScalar = (schema: Schema): boolean => {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.every((choice) => choice.type === 'null' || isScalar(choice));
  return schema.type !== 'object' && schema.type !== 'array' && schema.properties === undefined;
};

const withoutNull = (schema: Schema): Schema => {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  return others.length === 1 ? (others[0] as Schema) : schema;
};

const member = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[name] : undefined;

/** The value at members joined by points; of a list of things, each one's, once and sorted. */
function at(row: unknown, path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  const value = member(row, first);
  if (rest.length === 0) return value;
  const below = rest.join('.');
  return Array.isArray(value)
    ? [...new Set(value.map((each) => at(each, below)))].toSorted()
    : at(value, below);
}

/** Columns that are named, each titled by its last member, or by that before where the last says nothing. */
export const namedColumns = (paths: readonly string[]): Column[] =>
  paths.map((path) => {
    const names = path.split('.');
    const last = names.at(-1) ?? '';
    const isMere = names.length > 1 && /^(name|path|value)$/.test(last);
    return { title: titleOf(isMere ? `${names.at(-2)}` : last), value: (row) => at(row, path) };
  });

const titleOf = (name: string): string => kebab(name).replaceAll('-', ' ');

/**
 * The columns that show items of a shape: its own id, its path if it has one and its name otherwise, then what else is one
 * value, and of things in it their names. Ids of other things and long texts are left out; `--json` has everything.
 */
export function columnsOf(item: Schema): Column[] {
  const properties = Object.entries(item.properties ?? {});
  const names = properties.map(([name]) => name);
  const ownId = names.find((name) => name.endsWith('Id') && names.indexOf(name) <= 1);
  const columns: Column[] = [];
  for (const [name, whole] of properties) {
    const schema = withoutNull(whole);
    const isPath = name === 'path' && schema.items !== undefined;
    const nestedName = ['name', 'path', 'email'].find((each) => schema.properties?.[each] !== undefined);
    if (name === 'name' && names.includes('path')) continue;
    if (name !== ownId && (name.endsWith('Id') || name === 'description' || name.endsWith('Hash'))) continue;
    if (isPath || isScalar(schema)) columns.push({ title: titleOf(name), value: (row) => member(row, name) });
    else if (schema.items !== undefined && isScalar(schema.items)) {
      columns.push({ title: titleOf(name), value: (row) => member(row, name) });
    } else if (nestedName !== undefined) {
      columns.push({ title: titleOf(name), value: (row) => at(row, `${name}.${nestedName}`) });
    }
  }
  return columns.slice(0, mostColumns);
}

/** A value in a cell: instants to the minute, paths with slashes, a dash for nothing. */
export function cell(value: unknown, title = ''): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    if (value.length === 0) return '–';
    return value.map((each) => cell(each)).join(/(^| )path$/i.test(title) ? ' / ' : ', ');
  }
  if (typeof value === 'object') return plain(JSON.stringify(value));
  const text = plain(String(value));
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)
    ? `${text.slice(0, 16).replace('T', ' ')}Z`
    : text;
}

/** Lines of a table; the first call writes the header, and the widths stay for pages that follow. */
export function createTable(
  columns: readonly Column[],
  screen: number | null,
): (rows: readonly unknown[]) => string[] {
  let widths: number[] | null = null;
  return (rows) => {
    const cells = rows.map((row) =>
      columns.map(({ title, value }) => {
        const text = cell(value(row), title);
        // Only for the eye: where it is kept, nothing is cut.
        return screen !== null && text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text;
      }),
    );
    const header = columns.map(({ title }) => title.toUpperCase());
    const isFirst = widths === null;
    const fixed: number[] =
      widths ?? header.map((title, at) => widest([title, ...cells.map((row) => row[at] ?? '')]));
    widths = fixed;
    return [...(isFirst ? [header] : []), ...cells].map((row) =>
      row
        .map((text, at) => text.padEnd(fixed[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  };
}

const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));

const secretNames = /(^secret|Secret|Link|^link|^url|^signInUrl)$/;

/**
 * A record in lines: each value with its name, things in it below each other, lists as tables.
 *
 * @param showsSecrets whether the answer has what is never shown again; then it says so
 */
export function recordLines(
  value: unknown,
  schema: Schema,
  showsSecrets: boolean,
  screen: number | null,
): string[] {
  const lines: [string, string][] = [];
  const tables: string[] = [];
  // Of an answer that is one thing and little else, its members need no name before them: what may be null is beside it.
  const things = Object.entries((value ?? {}) as object).filter(([, each]) => isThing(each));
  const sure = things.filter(([name]) => {
    const known = schema.properties?.[name];
    return known !== undefined && withoutNull(known) === known;
  });
  const [only] = sure.length === 1 ? sure : things.length === 1 ? things : [];
  const onlyThing: unknown = only?.[1];
  const visit = (inner: unknown, shape: Schema, before: string): void => {
    for (const [name, each] of Object.entries((inner ?? {}) as Record<string, unknown>)) {
      const known = withoutNull(shape.properties?.[name] ?? {});
      const title = before === '' ? titleOf(name) : `${before} ${titleOf(name)}`;
      if (Array.isArray(each) && each.some((one) => typeof one === 'object' && one !== null)) {
        const columns = tableColumns(each, known.items ?? {}, showsSecrets);
        tables.push('', `${title}:`, ...createTable(columns, screen)(each));
      } else if (isThing(each)) visit(each, known, each === onlyThing ? '' : title);
      else {
        const isSecret = showsSecrets && typeof each === 'string' && secretNames.test(name);
        lines.push([isSecret ? secretTitle(title) : title, cell(each, name)]);
      }
    }
  };
  visit(value, schema, '');
  const width = Math.max(0, ...lines.map(([title]) => title.length));
  return [...lines.map(([title, text]) => `${title.padEnd(width)}  ${text}`), ...tables].filter(
    (line, at) => at > 0 || line !== '',
  );
}

const isThing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name that says that this is never shown again. */
const secretTitle = (title: string): string =>
  title.includes('secret') ? `${title} (shown once)` : `${title} (secret, shown once)`;

/** Columns of a list inside of an answer: by its shape, or by its rows where that is a choice of shapes. */
function tableColumns(rows: readonly unknown[], item: Schema, showsSecrets: boolean): Column[] {
  const columns = columnsOf(item);
  const shown =
    columns.length > 0
      ? columns
      : [...new Set(rows.flatMap((row) => Object.keys((row ?? {}) as object)))]
          .slice(0, mostColumns)
          .map((name): Column => ({ title: titleOf(name), value: (row) => member(row, name) }));
  if (!showsSecrets) return shown;
  const links = Object.keys(item.properties ?? {}).filter((name) => secretNames.test(name));
  const isShown = (name: string) => rows.some((row) => typeof member(row, name) === 'string');
  return [
    ...shown.filter(({ title }) => !links.some((name) => titleOf(name) === title)),
    ...links.map(
      (name): Column => ({
        title: isShown(name) ? secretTitle(titleOf(name)) : titleOf(name),
        value: (row) => member(row, name),
      }),
    ),
  ];
}
