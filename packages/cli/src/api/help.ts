import { type ApiCommand, namedOptions, nameOf } from './api-command.ts';
import type { Option } from './options.ts';
import { placeholderOf } from './read-words.ts';

const words = (option: Option): string =>
  option.kind === 'flag' ? `--[no-]${option.flag}` : `--${option.flag} <${placeholderOf(option)}>`;

/** What an option means, what it takes and what holds without it, in a line. */
function said({ kind, meaning, values, nullable, multiple, required, fallback, place }: Option): string {
  const parts = [
    meaning,
    ...(values === null ? [] : [`one of ${values.join(', ')}`]),
    ...(kind === 'instant' ? ['a day, or an instant in UTC'] : []),
    ...(kind === 'json' ? ['JSON'] : []),
    ...(kind === 'secret' ? ['- asks for it'] : []),
    ...(nullable ? ['none for none'] : []),
    ...(multiple ? ['may be repeated'] : []),
    ...(fallback === null ? [] : [`otherwise ${fallback}`]),
  ];
  const needed = place === 'body' ? 'required, here or in --body' : 'required';
  return `${parts.join('; ')}${required ? ` (${needed})` : ''}`;
}

/** Options that come with what the operation is: in the order in which they are shown. */
function commonLines({
  operation,
  takesBody,
  takesFile,
  isPaged,
  isDestructive,
}: ApiCommand): [string, string][] {
  const lines: [boolean, string, string][] = [
    [takesFile, '--csv <file>', 'the file, as an option; of a .json file the JSON is sent'],
    [takesBody, '--body <file>', 'JSON with members of the request, - for the input; options go before it'],
    [isPaged, '--limit <number>', 'so many rows; otherwise 50'],
    [isPaged, '--all', 'all rows; with --json one on each line'],
    [isPaged, '--cursor <cursor>', 'go on where a page before ended'],
    [operation.fileAnswer, '--output <file>', 'where to write the file; otherwise to the output'],
    [operation.dryRun, '--dry-run', 'show what would happen, and change nothing'],
    [isDestructive, '--yes', 'do not ask whether you mean it'],
    [
      operation.method !== 'GET',
      '--idempotency-key <key>',
      'your own id of this request, to send it once more',
    ],
    [!operation.fileAnswer, '--json', 'print the answer of the API'],
    [true, '--profile <name>', 'whom to be; see estover help login'],
  ];
  return lines.filter(([applies]) => applies).map(([, name, text]) => [name, text]);
}

const columns = (lines: readonly (readonly [string, string])[]): string => {
  const width = Math.min(40, Math.max(...lines.map(([name]) => name.length)));
  return lines
    .map(([name, text]) =>
      name.length > width ? `  ${name}\n  ${''.padEnd(width)}  ${text}` : `  ${name.padEnd(width)}  ${text}`,
    )
    .join('\n');
};

/** The whole help of a command. */
export function helpOf(command: ApiCommand): string {
  const { operation, subjectOption, takesFile } = command;
  const subject = subjectOption === null ? '' : ` <${placeholderOf(subjectOption)}>`;
  const file = takesFile ? ' <file>' : '';
  const own = namedOptions(command).toSorted((a, b) => Number(b.required) - Number(a.required));
  const needed = own.filter(({ required }) => required).map((option) => ` ${words(option)}`);
  return [
    `Usage: estover ${nameOf(command)}${subject}${file}${needed.join('')} [options]`,
    `${operation.summary}.`,
    ...(subjectOption === null
      ? []
      : [columns([[`<${placeholderOf(subjectOption)}>`, said({ ...subjectOption, required: false })]])]),
    ...(own.length === 0 ? [] : [columns(own.map((option) => [words(option), said(option)]))]),
    columns(commonLines(command)),
    `Example: estover ${exampleOf(command).map(quoted).join(' ')}`,
    `Operation of the API: ${operation.name} (${operation.method} ${operation.path})`,
  ].join('\n\n');
}

/** Words that use the command: what it needs, with values that look like those of a real one. */
export function exampleOf(command: ApiCommand): string[] {
  const { subjectOption, takesFile, operation } = command;
  const needed = namedOptions(command).filter(({ required }) => required);
  return [
    command.noun,
    command.verb,
    ...(subjectOption === null ? [] : [sampleOf(subjectOption)]),
    ...(takesFile ? ['file.csv'] : []),
    ...needed.flatMap((option) =>
      option.kind === 'flag' ? [`--${option.flag}`] : [`--${option.flag}`, sampleOf(option)],
    ),
    ...(operation.fileAnswer ? ['--output', 'file'] : []),
  ];
}

const someId = '0193a3c2-7d1e-7c40-9b52-3f1c6a8e2d10';
const samples: Readonly<Record<string, string>> = {
  name: 'Lyon',
  'domain-identifier': 'halden.example',
  'other-account': 'norsund.example',
  identifier: 'halden.example',
  domain: 'halden.example',
  'company-name': 'Halden Marine',
  buyer: 'Halden Marine',
  reason: 'Agreed by phone',
  sku: 'NET-ADV-1Y',
  'order-number': 'SO-1001',
  tag: 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  action: 'move-inventory',
  version: '1',
  agreement: 'terms',
};

function sampleOf({ kind, flag, values, path }: Option): string {
  if (values !== null) return values[0] ?? '';
  if (kind === 'account') return 'halden.example';
  if (kind === 'virtual-account') return 'EMEA / Lyon';
  if (kind === 'scope') return 'account';
  if (kind === 'number') return '5';
  if (kind === 'instant') return '2026-11-01';
  if (kind === 'secret') return '-';
  if (kind === 'json') return '{}';
  const name = samples[flag];
  if (name !== undefined) return name;
  if (/email|confirmation/.test(flag)) return 'ana@halden.example';
  if (/tag$/.test(flag)) return samples['tag'] ?? '';
  if (/domain$/.test(flag) && !/Id$/.test(path.at(-1) ?? '')) return 'halden.example';
  return /Ids?$/.test(path.at(-1) ?? '') ? someId : 'text';
}

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
