import { type Command, UsageError } from './command.ts';

/**
 * Errors whose message says what to put right, with nothing to gain from a stack. They are known by their names, so
 * that `estover help` need not load the server.
 */
const FOR_PEOPLE = new Set(['StartError', 'SchemaError', 'InstallationError', 'BackupError']);

/** Where a command line's own words go. */
export type Terminal = { out(text: string): void; err(text: string): void };

/**
 * Runs the subcommand that the words of a command line choose and answers the exit code: that of the command,
 * 1 when it failed, 2 when the command line is wrong. What a person can put right is told without a stack.
 *
 * @param loadMore commands that are loaded only where the words choose none of `commands`; of a noun and a verb
 */
export async function run(
  words: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
  loadMore: () => Promise<readonly Command[]> = async () => [],
): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const own = find(rest, commands);
    const all = own === undefined ? [...commands, ...(await loadMore())] : commands;
    const help = own?.help ?? find(rest, all)?.help ?? helpOfNoun(rest, all);
    if (rest.length > 0 && help === undefined) return unknownCommand(rest, all, terminal);
    terminal.out(help ?? overview(all));
    return 0;
  }
  const own = find(words, commands);
  const all = own === undefined ? [...commands, ...(await loadMore())] : commands;
  const command = own ?? find(words, all);
  if (command === undefined) {
    const [noun, ...after] = words;
    const help = helpOfNoun([noun ?? ''], all);
    if (help === undefined || !asksForHelp(after)) return unknownCommand(words, all, terminal);
    terminal.out(help);
    return 0;
  }
  const given = words.slice(command.name.split(' ').length);
  if (asksForHelp(given)) {
    terminal.out(command.help);
    return 0;
  }
  try {
    return await command.run(given);
  } catch (thrown) {
    if (isUsageError(thrown)) {
      terminal.err(`${thrown.message}\n\n${command.help}`);
      return 2;
    }
    terminal.err(describe(thrown));
    return 1;
  }
}

const asksForHelp = (words: readonly string[]): boolean => words.includes('--help') || words.includes('-h');

/** The command whose words begin the line; of `audit` and `audit verify` the longer one. */
function find(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const line = `${words.join(' ')} `;
  return commands
    .filter(({ name }) => line.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

const list = (lines: readonly { name: string; summary: string }[]): string => {
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
};

/** What there is of a noun; undefined for a word that begins no command of a noun and a verb. */
function helpOfNoun(words: readonly string[], commands: readonly Command[]): string | undefined {
  const [noun, ...more] = words;
  const verbs = commands.filter(({ name }) => name.startsWith(`${noun} `));
  if (noun === undefined || more.length > 0 || verbs.length === 0) return undefined;
  const lines = verbs.map(({ name, summary }) => ({ name, summary }));
  return `Usage: estover ${noun} <verb> [options]\n\n${list(lines)}\n\nestover ${noun} <verb> --help says more about one.`;
}

/** Every command by name, and those of the server by noun, because they are many. */
function overview(commands: readonly Command[]): string {
  const byNoun = Map.groupBy(
    commands.filter(({ ofServer }) => ofServer === true),
    ({ name }) => name.split(' ')[0] as string,
  );
  const nouns = [...byNoun].map(([name, verbs]) => ({
    name,
    summary: verbs.map((command) => command.name.slice(name.length + 1)).join(', '),
  }));
  const others = commands.filter(({ ofServer }) => ofServer !== true);
  return [
    'Usage: estover <command> [options]',
    `Commands:\n${list([...others, { name: 'help', summary: 'show this, or the help of a command' }])}`,
    ...(nouns.length === 0 ? [] : [`What a server does, as estover <noun> <verb>:\n${list(nouns)}`]),
    'estover help <command> says more about one.',
  ].join('\n\n');
}

function unknownCommand(words: readonly string[], commands: readonly Command[], terminal: Terminal): number {
  const help = helpOfNoun(words.slice(0, 1), commands) ?? overview(commands);
  terminal.err(`There is no command "${words.join(' ')}".\n\n${help}`);
  return 2;
}

function isUsageError(thrown: unknown): thrown is Error {
  if (thrown instanceof UsageError) return true;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return FOR_PEOPLE.has(thrown.name) ? thrown.message : (thrown.stack ?? thrown.message);
}
