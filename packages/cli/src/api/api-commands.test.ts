import { execFileSync } from 'node:child_process';
import { operations } from '@estover/protocol';
import { describe, expect, test } from 'vitest';
import { commands } from '../commands.ts';
import { runLine, wordsOf } from '../testing/test-shell.ts';
import { namedOptions } from './api-command.ts';
import { apiCommands } from './api-commands.ts';
import { exampleOf, helpOf } from './help.ts';
import { serverCommands } from './index.ts';
import { commonFlags } from './options.ts';
import { readWords } from './read-words.ts';
import { processShell } from './shell.ts';

const all = apiCommands(operations.values()).map((entry) => ({ ...entry, command: entry.load() }));
const command = (name: string) => {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no command ${name}`);
  return found.command;
};

describe('every operation', () => {
  test('has exactly one command, and no two commands share a name', () => {
    expect(all.map(({ command: { operation } }) => operation.name).sort()).toEqual(
      [...operations.keys()].sort(),
    );
    const names = [
      ...commands,
      ...serverCommands(processShell({ out: () => undefined, err: () => undefined })),
    ].map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    // A command of one word would hide all those of a noun of the same name.
    const nouns = new Set(all.map(({ noun }) => noun));
    expect(names.filter((name) => nouns.has(name))).toEqual([]);
  });

  test('keeps its name: people have it in their fingers and scripts', async () => {
    const list = all.map(({ name, command: { subject, operation } }) =>
      `${name}${subject === null ? '' : ` <${subject}>`}`.padEnd(52).concat(operation.name),
    );
    await expect(`${list.join('\n')}\n`).toMatchFileSnapshot('./command-names.txt');
  });

  test.each(all.map(({ name, command: each }) => [name, each] as const))(
    '%s has options that do not collide, each of them in its help',
    (name, each) => {
      const flags = namedOptions(each).map(({ flag }) => flag);
      expect(flags.filter((flag, at) => flags.indexOf(flag) !== at)).toEqual([]);
      expect(flags.filter((flag) => (commonFlags as readonly string[]).includes(flag))).toEqual([]);
      expect(flags.filter((flag) => !/^[a-z][a-z0-9-]*$/.test(flag) || flag.startsWith('no-'))).toEqual([]);
      expect(each.options.filter(({ meaning }) => meaning.trim() === '')).toEqual([]);
      const help = helpOf(each);
      expect(help).toMatch(new RegExp(`^Usage: estover ${name}[ <[]`));
      expect(help).toContain(`${each.operation.summary}.`);
      for (const { flag, values } of namedOptions(each)) {
        expect(help).toMatch(new RegExp(`--(\\[no-\\])?${flag}\\b`));
        if (values !== null) expect(help).toContain(values.join(', '));
      }
      // The example is one that the command takes.
      const words = exampleOf(each);
      expect(() => readWords(each, words.slice(2))).not.toThrow();
    },
  );
});

describe('the names', () => {
  test.each([
    ['accounts list', 'listAccounts', null],
    ['accounts close', 'closeAccount', 'accountId'],
    ['virtual-accounts move', 'moveVirtualAccount', 'virtualAccountId'],
    ['license-transfers create', 'transferLicenses', null],
    ['license-transfers undo', 'undoTransfer', 'movementId'],
    ['group-people remove', 'removeFromGroup', 'personId'],
    ['orders list', 'listOrders', null],
    ['account-orders list', 'listAccountOrders', null],
    ['my-sessions end', 'endSession', 'sessionId'],
    ['events download', 'downloadEvents', null],
    ['events download-chain', 'downloadEventChain', null],
    ['tokens create', 'createToken', null],
    ['people invite', 'invitePeople', null],
  ])('%s is %s of %s', (name, operation, subject) => {
    expect(command(name)).toMatchObject({ operation: { name: operation }, subject });
  });
});

describe('words', () => {
  const read = (name: string, line: string) => {
    const { values, ...rest } = readWords(command(name), wordsOf(line));
    return { ...rest, values: Object.fromEntries([...values].map(([{ flag }, value]) => [flag, value])) };
  };

  test('become values of their kinds', () => {
    const line = `--account halden.example --role viewer --scope 'EMEA / *' --scope Lab --email a@b.example --until 2026-12-31`;
    expect(read('grants create', line).values).toEqual({
      account: ['halden.example'],
      role: ['viewer'],
      scope: ['EMEA / *', 'Lab'],
      email: ['a@b.example'],
      until: ['2026-12-31T00:00:00Z'],
    });
    expect(read('events list', '--account a.example --since 2026-11-01 --nested --limit 7')).toMatchObject({
      limit: 7,
      values: { since: ['2026-11-01T00:00:00Z'], nested: [true] },
    });
    expect(read('alerts list', '--account a.example --no-nested').values).toMatchObject({ nested: [false] });
    expect(read('virtual-accounts move', 'Lyon --account a.example --parent none').values).toMatchObject({
      'virtual-account': ['Lyon'],
      parent: [null],
    });
    expect(read('orders ship', 'SO-1 --lines 1 --lines 2').values).toEqual({
      'order-number': ['SO-1'],
      lines: [1, 2],
    });
    const lines = `--lines '{"tag":"t","quantity":1}' --lines '[{"tag":"u","quantity":2}]'`;
    expect(
      read('license-transfers create', `--account a --from-virtual-account A --to-virtual-account B ${lines}`)
        .values,
    ).toMatchObject({
      lines: [
        { tag: 't', quantity: 1 },
        { tag: 'u', quantity: 2 },
      ],
    });
    // What is deeper may be in the file; the account is part of the path and may not.
    expect(read('license-transfers create', '--account a --body x.json').bodyFile).toBe('x.json');
  });

  test.each([
    ['accounts list --limit 0', /--limit takes a whole number/],
    ['accounts list --limit 5 --all', /--limit or --all/],
    ['accounts list --colour red', /--colour/],
    ['accounts list halden.example', /no place for "halden.example"/],
    ['accounts show', /What is missing is the account/],
    [
      'accounts create --name X',
      /What is missing: --domain-identifier, --administrator-name, --administrator-email/,
    ],
    ['license-transfers create --body x.json', /What is missing: --account/],
    [
      'grants create --account a --email x --scope account --role king',
      /--role takes one of approver, .*found "king"/,
    ],
    [
      'api-keys create --account a --name x --role viewer --scope account --expires-in-days soon',
      /--expires-in-days takes a number; found "soon"/,
    ],
    ['accounts suspend a.example --reason one --reason two', /--reason is given once/],
    [
      'license-transfers create --account a --from-virtual-account A --to-virtual-account B --lines x',
      /--lines takes JSON/,
    ],
    ['people invite --account a', /What is missing is the file/],
    ['events download --account a --json', /no --json/],
    ['orders show SO-1 --dry-run', /--dry-run/],
  ])('wrong ones, "%s", are wrong usage, with the help', async (line, told) => {
    const { code, out, err } = await runLine(wordsOf(line));
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(told);
    expect(err).toContain('Usage: estover ');
  });
});

describe('help', () => {
  test('lists all nouns with their verbs, a noun with its commands, and a command with its options', async () => {
    const overview = await runLine(['help']);
    expect(overview).toMatchObject({ code: 0, err: '' });
    expect(overview.out).toMatch(/^ {2}audit verify +check that/m);
    expect(overview.out).toMatch(/^ {2}login +sign in/m);
    expect(overview.out).toMatch(/^ {2}virtual-accounts +create, delete, list, move, tag, update$/m);
    expect(overview.out).toMatch(/^ {2}account-requests +.*\bshow\b/m);

    const noun = await runLine(wordsOf('help tokens'));
    expect(noun).toMatchObject({ code: 0, err: '' });
    expect(noun.out.match(/^ {2}\S+ \S+/gm)).toEqual(['  tokens create', '  tokens list', '  tokens revoke']);
    expect(await runLine(wordsOf('tokens --help'))).toEqual(noun);

    const one = await runLine(wordsOf('help tokens create'));
    expect(one.out).toMatch(
      /^Usage: estover tokens create --account <account> --virtual-account <virtual-account> \[options\]/,
    );
    expect(await runLine(wordsOf('tokens create --help'))).toEqual(one);
  });

  test.each([
    ['accounts', 'Usage: estover accounts <verb>'],
    ['accounts destroy', 'Usage: estover accounts <verb>'],
    ['acounts list', 'Usage: estover <command>'],
  ])('"%s" is no command, and says which there are', async (line, told) => {
    const { code, out, err } = await runLine(wordsOf(line));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`There is no command "${line}".`);
    expect(err).toContain(told);
  });
});

describe('completion', () => {
  /** What bash offers after these words, of which the last one is being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const { code, out } = await runLine(['completion']);
    expect(code).toBe(0);
    const line = ['estover', ...words].map((word) => `'${word}'`).join(' ');
    const script = `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _estover; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  }

  test.each([
    [['virtual'], ['virtual-account-tokens', 'virtual-accounts']],
    [['wh'], ['whoami']],
    [
      ['virtual-accounts', ''],
      ['create', 'delete', 'list', 'move', 'tag', 'update'],
    ],
    [['audit', ''], ['verify']],
    [['virtual-accounts', 'delete', 'EMEA', '--con'], ['--contents-to']],
    [['events', 'list', '--ne'], ['--nested']],
    [['start', '--p'], ['--port']],
    [['nobody', 'knows', '--x'], ['']],
  ])('after %j offers %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});
