import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiKey, getAccount, listAccounts, listEvents, updateAccount } from '@estover/protocol';
import {
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '@estover/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLine, type TestShellOptions, wordsOf } from '../../packages/cli/src/testing/test-shell.ts';

/* The commands against a real server. The story of a whole back office is docs/commands.md, which is run as well. */

let server: TestServer;
let account: SeededAccount;
let catalog: SeededCatalog;
let administratorKey: string;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.account('Northwind Rail');
  catalog = await seedCatalog(server);
  administratorKey = await server.keyOf(account.accountId, 'account-administrator');
  await server.virtualAccounts(account, 'EMEA / Lyon', 'EMEA / A/B', 'Lab');
  await deliver(server, account, { tag: catalog.security, quantity: 10, virtualAccount: 'EMEA' });
  folder = mkdtempSync(join(tmpdir(), 'estover-commands-'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const environmentOf = (key: string, address = server.address) => ({
  ESTOVER_SERVER: address,
  ESTOVER_API_KEY: key,
  XDG_CONFIG_HOME: folder,
});
const named = 'northwind-rail.example';

/** As the administrator of the account. */
const estover = (line: string, options: TestShellOptions = {}) =>
  runLine(wordsOf(line), { environment: environmentOf(administratorKey), folder, ...options });
const operator = (line: string, options: TestShellOptions = {}) =>
  estover(line, { environment: environmentOf(server.operatorKey), ...options });

const newest = async (operation: string) =>
  (
    await account.administrator.call(listEvents, {
      params: { accountId: account.accountId },
      query: { operation, limit: 200 },
    })
  ).items;

describe('exit codes', () => {
  it('1: refused by a rule, with what is wrong under the option that said it, and what to do', async () => {
    const made = await operator(
      'accounts create --name X --domain-identifier x --administrator-name Y --administrator-email nobody',
    );
    expect(made).toMatchObject({ code: 1, out: '' });
    expect(made.err.split('\n')).toEqual([
      'The request is not valid (invalid-request).',
      expect.stringMatching(/^ {2}--domain-identifier: /),
      expect.stringMatching(/^ {2}--administrator-email: /),
      'What to do: Mend what `errors` names and send it again.',
    ]);
    const taken = await operator(
      `accounts create --name X --domain-identifier ${named} --administrator-name Y --administrator-email a@${named}`,
    );
    expect(taken).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\(domain-identifier-taken\)[\s\S]*What to do: /),
    });
    expect(await estover('virtual-accounts list --account other.example')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no account "other.example" that you may see\.\nWhat to do: /),
    });
  });

  it('3: not allowed', async () => {
    expect(await estover('orders list')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/\(not-allowed\)/),
    });
  });

  it('4: the server cannot be reached, or is another one', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const gone = { environment: environmentOf(administratorKey, `http://127.0.0.1:${port}`) };
    const lost = await estover('me show', gone);
    expect(lost).toMatchObject({ code: 4, out: '', slept: [1, 2] });
    expect(lost.err).toContain(`The server at 127.0.0.1:${port} could not be reached (ECONNREFUSED).`);

    const elsewhere: typeof fetch = async () => new Response('<h1>Welcome</h1>', { status: 200 });
    expect(await estover('me show', { fetch: elsewhere })).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^What answered is not the API of Estover \(status 200\)/),
    });
  });

  it('5: the server failed, with the id of the request for its operator', async () => {
    const problem = {
      type: 'https://estover.dev/problems/internal-error',
      code: 'internal-error',
      title: 'Something went wrong on the server',
      status: 500,
      detail: 'Nothing was changed.',
      next: 'Try again.',
      requestId: 'req-7',
    };
    const failing: typeof fetch = async () =>
      new Response(JSON.stringify(problem), {
        status: 500,
        headers: { 'content-type': 'application/problem+json' },
      });
    const failed = await estover('me show', { fetch: failing });
    expect(failed.code).toBe(5);
    expect(failed.err).toContain('Request: req-7');
    const proxy: typeof fetch = async () => new Response('no upstream', { status: 502 });
    expect(await estover('me show', { fetch: proxy })).toMatchObject({ code: 5, slept: [1, 2, 4, 8] });
  });
});

describe('what is printed', () => {
  it('is exactly the answer of the API with --json, and a row on each line with --all', async () => {
    const expected = await account.administrator.call(getAccount, {
      params: { accountId: account.accountId },
    });
    const shown = await estover(`accounts show ${named} --json`);
    expect(shown.err).toBe('');
    expect(JSON.parse(shown.out)).toEqual(expected);

    for (let each = 0; each < 5; each++) await server.account(`Page ${each}`);
    const whole = await server.operator.call(listAccounts, {});
    expect(JSON.parse((await operator('accounts list --json')).out)).toEqual(whole);
    const page = JSON.parse((await operator('accounts list --json --limit 2')).out);
    expect(page).toMatchObject({ items: whole.items.slice(0, 2), nextCursor: expect.any(String) });
    const next = JSON.parse(
      (await operator(`accounts list --json --limit 2 --cursor ${page.nextCursor}`)).out,
    );
    expect(next.items).toEqual(whole.items.slice(2, 4));
    const lines = (await operator('accounts list --all --json')).out
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(whole.items);
  });

  it('is a table that reads pages by itself, and says where there is more', async () => {
    const requests: string[] = [];
    // A page has three rows at most, so that many are read.
    const small: typeof fetch = (input, init) => {
      const url = new URL(String(input));
      const limit = Math.min(3, Number(url.searchParams.get('limit')));
      if (url.searchParams.has('limit')) url.searchParams.set('limit', String(limit));
      requests.push(url.pathname + url.search);
      return fetch(url, init);
    };
    const { items } = await server.operator.call(listAccounts, {});
    const shown = await operator('accounts list --all', { fetch: small });
    expect(shown.err).toBe('');
    expect(shown.out.split('\n').map((line) => line.slice(0, 36))).toEqual([
      'ACCOUNT ID'.padEnd(36),
      ...items.map(({ accountId }) => accountId),
    ]);
    expect(requests.length).toBe(Math.ceil(items.length / 3));
    const five = await operator('accounts list --limit 5', { fetch: small });
    expect(five.out.split('\n')).toHaveLength(1 + 5);
    expect(five.err).toMatch(/^There is more: --all shows everything, --cursor \S+ what follows\.$/);
    expect(await operator('accounts list --search nothing-like-this')).toMatchObject({
      code: 0,
      out: '',
      err: 'There is nothing to show.',
    });
  });

  it('holds nothing that a terminal obeys', async () => {
    const nasty = 'Bell\u202e office';
    await account.administrator.call(updateAccount, {
      params: { accountId: account.accountId },
      body: { name: nasty },
    });
    const shown = await estover(`accounts show ${named}`);
    expect(shown.out).toMatch(/^name +Bell {2}office$/m);
  });

  it('is a file as it is, to the output or to --output, and no half file where it breaks off', async () => {
    const csv = await estover(`reports download-licenses --account ${named} --format csv`);
    expect(csv).toMatchObject({ code: 0, err: '' });
    expect(csv.out).toContain('Branch Security');
    const xlsx = await estover(
      `reports download-licenses --account ${named} --format xlsx --output report.xlsx`,
    );
    expect(xlsx).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^report\.xlsx: \d+ bytes\.$/),
    });
    expect(readFileSync(join(folder, 'report.xlsx')).subarray(0, 2).toString()).toBe('PK');

    const breaking: typeof fetch = async (input, init) => {
      if (!String(input).includes('/reports/')) return fetch(input, init);
      const broken = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode('half'));
          controller.error(new TypeError('terminated'));
        },
      });
      return new Response(broken, { status: 200 });
    };
    const half = await estover(`reports download-licenses --account ${named} --output half.csv`, {
      fetch: breaking,
    });
    expect(half).toMatchObject({
      code: 5,
      err: expect.stringMatching(/^The file broke off before its end\./),
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
    expect(await estover(`events download --account ${named} --output no/such/folder.csv`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^no\/such\/folder\.csv cannot be written \(ENOENT\)\./),
    });
    expect(await estover('events download --account other.example --output x.csv')).toMatchObject({
      code: 1,
    });
  });

  it('names a secret that is shown once, and only then', async () => {
    const key = await estover(
      `api-keys create --account ${named} --name Nightly --role viewer --scope account`,
    );
    expect(key.out).toMatch(/^secret \(shown once\) +esak_\w{55}$/m);
    const invited = await estover(
      `grants create --account ${named} --email new@${named} --name New --role viewer --scope account`,
    );
    expect(invited.out).toMatch(/^invitation link \(secret, shown once\) +http\S+$/m);
    const again = await estover(
      `grants create --account ${named} --email new@${named} --role viewer --scope Lab`,
    );
    expect(again.code).toBe(0);
  });
});

describe('what is said', () => {
  it('comes from options and a file together, where options go first, and from the input', async () => {
    writeFileSync(
      join(folder, 'va.json'),
      JSON.stringify({ name: 'From the file', description: 'As it was' }),
    );
    const made = await estover(
      `virtual-accounts create --account ${named} --body va.json --name Oslo --parent EMEA --json`,
    );
    expect(JSON.parse(made.out).virtualAccount).toMatchObject({
      path: ['EMEA', 'Oslo'],
      description: 'As it was',
    });
    const input = JSON.stringify({ name: 'Bergen' });
    const second = await estover(`virtual-accounts create --account ${account.accountId} --body - --json`, {
      input,
    });
    expect(JSON.parse(second.out).virtualAccount.path).toEqual(['Bergen']);
  });

  it('finds virtual accounts by path and by id, also with a slash in the name, and a scope with what is nested', async () => {
    const list = JSON.parse((await estover(`virtual-accounts list --account ${named} --json`)).out).items as {
      virtualAccountId: string;
      path: string[];
    }[];
    const idOf = (path: string) => list.find((each) => each.path.join(' / ') === path)?.virtualAccountId;
    const group = await estover(
      `groups create --account ${named} --name Desk --role viewer --scope 'EMEA / *' --scope 'EMEA / A/B' --scope ${idOf('Lab')} --json`,
    );
    expect(JSON.parse(group.out).group.scope.virtualAccounts).toEqual(
      expect.arrayContaining([
        { virtualAccountId: idOf('EMEA'), nested: true },
        { virtualAccountId: idOf('EMEA / A/B'), nested: false },
        { virtualAccountId: idOf('Lab'), nested: false },
      ]),
    );
    const moved = await estover(`virtual-accounts move EMEA/Lyon --account ${named} --parent none --json`);
    expect(JSON.parse(moved.out).virtualAccount.path).toEqual(['Lyon']);
    expect((await estover(`virtual-accounts move Lyon --account ${named} --parent EMEA`)).code).toBe(0);
    const missing = await estover(`virtual-accounts move Lyon --account ${named} --parent none`);
    expect(missing).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no virtual account "Lyon" that you may see\.\nWhat to do: /),
    });
    const both = await estover(
      `groups create --account ${named} --name D --role viewer --scope account --scope Lab`,
    );
    expect(both.code).toBe(1);
  });

  it.each([
    ['[1]', /--body takes JSON of an object/],
    ['{"name":', /--body takes JSON of an object/],
  ])('that is no JSON of an object, %s, is wrong usage', async (input, told) => {
    const { code, err } = await estover(`virtual-accounts create --account ${named} --body -`, { input });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(told) });
  });

  it('in a file that is not there is wrong usage, and in one with bad rows refused row by row', async () => {
    const missing = await estover(`people invite no.csv --account ${named}`);
    expect(missing).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^The file no\.csv cannot be read \(ENOENT\)/),
    });
    writeFileSync(join(folder, 'bad.csv'), 'email,role\nnobody,viewer\n');
    expect(await estover(`people invite --csv bad.csv --account ${named}`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^ {2}row 2, email: /m),
    });
    writeFileSync(
      join(folder, 'people.json'),
      JSON.stringify({
        people: [{ email: `j@${named}`, name: 'Jo' }],
        role: 'viewer',
        scope: { kind: 'account' },
      }),
    );
    expect((await estover(`people invite people.json --account ${named}`)).out).toMatch(/\bJo\b/);
    writeFileSync(
      join(folder, 'orders.csv'),
      `order_number,buyer,line,sku,quantity,account\nSO-9,Northwind,1,NO-SUCH,1,${named}\n`,
    );
    expect(await operator('orders import orders.csv')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^ {2}row 2, sku: /m),
    });
    const partly = await operator('orders import orders.csv --good-rows-only');
    expect(partly.code).toBe(0);
    expect(partly.out).toMatch(/^skipped orders +SO-9$/m);
    expect(partly.out).toMatch(/^ROW +COLUMN +CODE +DETAIL\n2 +sku +/m);
  });

  it('secretly is asked for where it is -', async () => {
    const asked = await estover('account-requests confirm --token -', { answers: ['esar_wrong'] });
    expect(asked).toMatchObject({ code: 1, asked: ['(secret) token: '] });
  });
});

describe('what cannot be undone', () => {
  const key = async (name: string) =>
    (
      await account.administrator.call(createApiKey, {
        params: { accountId: account.accountId },
        body: { name, role: 'viewer', scope: { kind: 'account' } },
      })
    ).apiKey.apiKeyId;

  it('needs --yes without a terminal, and the name on one', async () => {
    const id = await key('To revoke');
    const line = `api-keys revoke ${id} --account ${named}`;
    const before = (await newest('revokeApiKey')).length;
    expect(await estover(line)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/Add --yes if you mean it/),
    });
    const other = await estover(line, { isInteractive: true, answers: ['yes'] });
    expect(other).toMatchObject({ code: 1, asked: [`This cannot be undone. Type ${id} to go on: `] });
    expect((await newest('revokeApiKey')).length).toBe(before);
    expect((await estover(line, { isInteractive: true, answers: [id] })).code).toBe(0);
    expect((await newest('revokeApiKey')).length).toBe(before + 1);
    expect((await estover(`api-keys revoke ${await key('Another')} --account ${named} --yes`)).code).toBe(0);
  });

  it('is shown by a dry run, which asks nothing and changes nothing', async () => {
    const before = (await newest('deleteVirtualAccount')).length;
    const shown = await estover(
      `virtual-accounts delete EMEA --account ${named} --contents-to Lab --dry-run`,
    );
    expect(shown).toMatchObject({ code: 0, asked: [] });
    expect(shown.err).toBe('This was a dry run: nothing was changed.');
    expect((await newest('deleteVirtualAccount')).length).toBe(before);
    const closing = await estover(`accounts close ${named} --reason Moved`, {
      isInteractive: true,
      answers: ['x'],
    });
    expect(closing).toMatchObject({ code: 1, asked: [`This cannot be undone. Type ${named} to go on: `] });
  });
});

describe('a broken line', () => {
  it('is waited for and told, and what arrived before is not done twice', async () => {
    const keys: (string | null)[] = [];
    let calls = 0;
    const breaking: typeof fetch = async (input, init) => {
      const isCommand = init?.method === 'POST';
      if (!isCommand) return fetch(input, init);
      calls++;
      keys.push(new Headers(init.headers).get('idempotency-key'));
      if (calls === 1) {
        // It arrives and is done, and the answer is lost.
        await (await fetch(input, init)).text();
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
        });
      }
      if (calls === 2) return new Response('', { status: 503, headers: { 'retry-after': '7' } });
      return fetch(input, init);
    };
    const before = (await newest('createVirtualAccount')).length;
    const made = await estover(`virtual-accounts create --account ${named} --name Narvik`, {
      fetch: breaking,
    });
    expect(made).toMatchObject({ code: 0, slept: [1, 7] });
    expect(made.err.split('\n')).toEqual([
      'The server does not answer; trying again in 1 s (try 2 of 5).',
      'The server is not ready; trying again in 7 s (try 3 of 5).',
    ]);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
    expect((await newest('createVirtualAccount')).length).toBe(before + 1);
  });

  it('takes a key of the caller, with which a command sent again is the same', async () => {
    const line = `virtual-accounts create --account ${named} --name Tromso --idempotency-key mine-1 --json`;
    const [first, second] = [await estover(line), await estover(line)];
    expect(first.code).toBe(0);
    expect(second.out).toBe(first.out);
    const other = await estover(
      `virtual-accounts create --account ${named} --name Alta --idempotency-key mine-1`,
    );
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/\(idempotency-key-reused\)/) });
  });
});

it('an event of a command says who did what, like one of the console', async () => {
  expect(
    (await estover(`tag-keys create --account ${named} --name Country --values NO --values SE`)).code,
  ).toBe(0);
  expect(await newest('createTagKey')).toMatchObject([{ actor: { name: 'account-administrator key' } }]);
  const csv = await estover(`events download --account ${named} --operation createTagKey --format csv`);
  expect(csv.out.trim().split('\n')).toHaveLength(2);
});
