import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confirmAccountRequest } from '@estover/protocol';
import { type MailServer, startMailServer, startTestServer, type TestServer } from '@estover/server/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runLine, wordsOf } from '../../packages/cli/src/testing/test-shell.ts';
import { ask, askedFor } from '../../packages/server/src/accounts/testing/ask-for-account.ts';
import { sealEvents } from '../../packages/server/src/audit/seal-events-job.ts';

/*
 * Every command of docs/commands.md is run in the order of the page, and the page is written anew from what came out: it
 * must be the page that is there. Ids, secrets and hashes are others in each run, so each gets a name of its own in the
 * order in which they appear, and a command that has such a name gets what stands behind it.
 */

const page = join(import.meta.dirname, '../../docs/commands.md');
const documentedServer = 'https://licenses.example.com';

let mails: MailServer;
let server: TestServer;
let folder: string;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ at: '2026-11-22T11:00:00Z', smtpUrl: mails.url });
  folder = mkdtempSync(join(tmpdir(), 'estover-commands-'));
});
afterAll(async () => {
  await server.close();
  await mails.close();
  rmSync(folder, { recursive: true, force: true });
});

const text = readFileSync(page, 'utf8');

/** Real values by the names that the page gives them, and the other way round. */
const values = new Map<string, string>();
const names = new Map<string, string>();

const hex = (count: number, digits: number) => count.toString(16).padStart(digits, '0');
const patterns: [RegExp, (count: number, found: string) => string][] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (count) => `0193a3c2-7d1e-7c40-9b52-${hex(count, 12)}`],
  [/\b[0-9a-f]{64}\b/g, (count) => hex(count, 64)],
  // The first characters tell what kind it is, which the page may show.
  [/\bes[a-z]{2}_\w+/g, (count, found) => found.slice(0, 5).padEnd(found.length - 2, 'x') + hex(count, 2)],
];

function asDocumented(screen: string): string {
  let told = screen
    .replaceAll(server.address, documentedServer)
    .replaceAll('http://estover.test', documentedServer)
    // Ends of secrets, ids of keys, and sizes, which follow from what is in a file: they are nobody's to name.
    .replaceAll(/\besak_\w+…\w+/g, '4dFq…9sKw')
    .replaceAll(/(?<=by the key )\w+/g, '5d41402abc4b2a76b9719d911017c592')
    .replaceAll(/(?<=: )\d+ bytes/g, '9216 bytes');
  for (const [pattern, name] of patterns) {
    told = told.replaceAll(pattern, (found) => {
      // The tags of licenses are chosen on the page and end in an id.
      if (values.has(found) || text.includes(`_${found}`)) return found;
      const known = names.get(found) ?? name(names.size + 1, found);
      names.set(found, known);
      values.set(known, found);
      return known;
    });
  }
  return told.replaceAll('4dFq…9sKw', 'esak_4dFq…9sKw').replace(/[ \t]+$/gm, '');
}

function asReal(documented: string): string {
  let real = documented.replaceAll(documentedServer, server.address);
  for (const [name, value] of values) real = real.replaceAll(name, value);
  return real;
}

const environment: Record<string, string> = {};
let lastCode = 0;

/** What is typed where a command asks: the keys, which nobody writes into a page. */
async function answersFor(words: readonly string[]): Promise<string[]> {
  if (words[0] !== 'login') return [];
  if (words.includes('operator')) return [server.operatorKey];
  const { account_id: accountId } = await server.db
    .selectFrom('accounts')
    .select('account_id')
    .where('domain_identifier', '=', 'halden.example')
    .executeTakeFirstOrThrow();
  return [await server.keyOf(accountId, 'account-administrator')];
}

/** Runs one line of the page and answers what the screen shows. */
async function screenOf(line: string): Promise<string> {
  const exported = /^export (\w+)=(.*)$/.exec(line);
  if (exported !== null) {
    environment[exported[1] as string] = exported[2] as string;
    return '';
  }
  if (line === 'echo $?') return String(lastCode);
  const [program, ...words] = wordsOf(asReal(line));
  expect(program).toBe('estover');
  // As the server does by itself, each minute.
  if (words.includes('download-chain')) await sealEvents(server.db, server.clock.now());
  if (words[0] === 'audit') {
    // A command of the process itself: it prints by itself, and reads files from where it runs.
    const said: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
    const { code, screen } = await runLine(
      words.map((word) => (word.endsWith('.ndjson') ? join(folder, word) : word)),
    );
    log.mockRestore();
    lastCode = code;
    return [...said, screen].filter((text) => text !== '').join('\n');
  }
  const ran = await runLine(words, {
    environment: { XDG_CONFIG_HOME: folder, ...environment },
    folder,
    answers: await answersFor(words),
  });
  lastCode = ran.code;
  return ran.screen;
}

it('shows what its commands print', { timeout: 120_000 }, async () => {
  await askAndConfirmRequests();
  const parts: string[] = [];
  for (const part of text.split(/^(```\w.*?^```$)/ms)) {
    const [, kind = '', file, content = ''] = /^```(\w+)(?: (\S+))?\n(.*)^```$/ms.exec(part) ?? [];
    if (file !== undefined) writeFileSync(join(folder, file), asReal(content));
    if (kind !== 'console') {
      parts.push(part);
      continue;
    }
    const lines: string[] = [];
    // A line goes on after a backslash.
    for (const [, line = ''] of content.matchAll(/^\$ ((?:[^\n]*\\\n)*[^\n]*)$/gm)) {
      const screen = asDocumented(await screenOf(line.replaceAll('\\\n', ' ')));
      lines.push(`$ ${line}`, ...(screen === '' ? [] : [screen]));
    }
    parts.push(`\`\`\`console\n${lines.join('\n')}\n\`\`\``);
  }
  await expect(parts.join('')).toMatchFileSnapshot(page);
});

it('names only commands that there are, also where it does not show what they print', async () => {
  const lines = [...text.matchAll(/^ {4}(estover .*?)(?: {2,}.*)?$/gm)].map((match) => match[1] as string);
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(await runLine(wordsOf(line).slice(1)), line).toMatchObject({ code: 0, err: '' });
  }
  const inText = [...text.matchAll(/`estover ([a-z][a-z- ]*)`/g)].map((match) => match[1] as string);
  expect(inText).toContain('whoami');
  for (const words of inText) expect((await runLine(['help', ...words.split(' ')])).code, words).toBe(0);
});

/** Two customers asked for accounts before the page begins; both have a prefix, which somebody has to look at. */
async function askAndConfirmRequests(): Promise<void> {
  for (const [company, prefix] of [
    ['Norsund', 'shipyard'],
    ['Vestby', 'test'],
  ] as const) {
    const body = askedFor(company, { prefix, justification: `${company} has two companies.` });
    const token = await ask({ server, mails }, body);
    await server.client().call(confirmAccountRequest, { body: { token } });
  }
  server.clock.set('2026-11-22T12:00:00Z');
}
