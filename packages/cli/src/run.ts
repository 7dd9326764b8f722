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
 */
export async function run(
  words: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const command = find(rest, commands);
    if (rest.length > 0 && command === undefined) return unknownCommand(rest, commands, terminal);
    terminal.out(command?.help ?? overview(commands));
    return 0;
  }
  const command = find(words, commands);
  if (command === undefined) return unknownCommand(words, commands, terminal);
  const given = words.slice(command.name.split(' ').length);
  if (given.includes('--help') || given.includes('-h')) {
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

/** The command whose words begin the line; of `audit` and `audit verify` the longer one. */
function find(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const line = `${words.join(' ')} `;
  return commands
    .filter(({ name }) => line.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 'help'.length);
  const lines = [...commands, { name: 'help', summary: 'show this, or the help of a command' }].map(
    ({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return `Usage: estover <command> [options]\n\nCommands:\n${lines.join('\n')}\n\nestover help <command> says more about one.`;
}

function unknownCommand(words: readonly string[], commands: readonly Command[], terminal: Terminal): number {
  terminal.err(`There is no command "${words.join(' ')}".\n\n${overview(commands)}`);
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
