import { StartError } from '@estover/server/process';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Command, UsageError } from './command.ts';
import { run } from './run.ts';

let out: string[];
let err: string[];
let ran: [string, readonly string[]][];
beforeEach(() => {
  [out, err, ran] = [[], [], []];
});

function command(name: string, work: () => number = () => 0): Command {
  return {
    name,
    summary: `does ${name}`,
    help: `Usage: estover ${name}`,
    async run(words) {
      ran.push([name, words]);
      return work();
    },
  };
}

const commands = [
  command('start'),
  command('audit'),
  command('audit verify'),
  command('wrong', () => {
    throw new UsageError('What is missing is the file.');
  }),
  command('refused', () => {
    throw new StartError('The port 1 is taken. Set ESTOVER_PORT.');
  }),
  command('broken', () => {
    throw new Error('surprise');
  }),
  command('three', () => 3),
];
const line = (text: string) =>
  run(
    text.split(' ').filter((word) => word !== ''),
    commands,
    {
      out: (each) => void out.push(each),
      err: (each) => void err.push(each),
    },
  );

describe('choosing', () => {
  test('a command gets the words after its name, and gives the exit code', async () => {
    expect(await line('start --port 1')).toBe(0);
    expect(await line('three')).toBe(3);
    expect(ran).toEqual([
      ['start', ['--port', '1']],
      ['three', []],
    ]);
  });

  test('of two commands the longer name goes first', async () => {
    await line('audit verify --json');
    await line('audit verifyx');
    expect(ran).toEqual([
      ['audit verify', ['--json']],
      ['audit', ['verifyx']],
    ]);
  });

  test.each(['nope', 'star', 'starting', '--port 1', 'help nope'])('"%s" is no command', async (words) => {
    expect(await line(words)).toBe(2);
    expect(out).toEqual([]);
    expect(err.join()).toMatch(/There is no command ".*does start/s);
    expect(ran).toEqual([]);
  });
});

describe('help', () => {
  test.each(['', 'help', '--help', '-h'])('"%s" lists all commands', async (words) => {
    expect(await line(words)).toBe(0);
    for (const { name, summary } of commands) expect(out.join()).toMatch(new RegExp(`${name} +${summary}`));
  });

  test.each(['help audit verify', 'audit verify --help', 'audit verify -h'])(
    '"%s" explains it',
    async (words) => {
      expect(await line(words)).toBe(0);
      expect(out).toEqual(['Usage: estover audit verify']);
      expect(ran).toEqual([]);
    },
  );
});

describe('failing', () => {
  test('wrong usage says what is wrong and how to use the command', async () => {
    expect(await line('wrong')).toBe(2);
    expect(err).toEqual(['What is missing is the file.\n\nUsage: estover wrong']);
  });

  test('what a person can put right is told in its own words alone', async () => {
    expect(await line('refused')).toBe(1);
    expect(err).toEqual(['The port 1 is taken. Set ESTOVER_PORT.']);
  });

  test('a defect is told with its stack', async () => {
    expect(await line('broken')).toBe(1);
    expect(err.join()).toMatch(/surprise\n\s+at /);
  });
});
