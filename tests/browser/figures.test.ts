import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningAgents, startAgents } from '../../packages/cli/src/demo/demo-agents.ts';
import { moveDates, readCatalog, readCompany } from '../../packages/cli/src/demo/demo-files.ts';
import type { DemoState } from '../../packages/cli/src/demo/demo-state.ts';
import { seedCompany } from '../../packages/cli/src/demo/seed-company.ts';
import { type ConsoleTest, password, startConsoleTest } from './browser.ts';

/*
 * The main job, whole: the order files that ship with the project are imported, fifty agents register and use licenses,
 * and what the console shows is compared with what the files say is owned and what the agents say they use. The
 * expectation is counted here on its own, from the files' text and the agents' mouths.
 */

let test: ConsoleTest;
let agents: RunningAgents;
let folder: string;
const now = Temporal.Now.instant();
const state: DemoState = {
  operatorKey: '',
  password,
  accountId: null,
  administratorKey: null,
  tokens: {},
  done: [],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-figures-'));
  test = await startConsoleTest({ at: now.toString() });
  state.operatorKey = test.server.operatorKey;
  const baseUrl = test.server.address;
  await seedCompany({ baseUrl, state, now, progress: () => {}, save: async () => {} });
  agents = await startAgents({
    dataFolder: folder,
    serverUrl: baseUrl,
    tokens: state.tokens,
    limit: 50,
    random: Math.random,
    progress: () => {},
  });
}, 180_000);

afterAll(async () => {
  await agents?.stop();
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Line {
  sku: string;
  quantity: number;
  startDate: string;
  state: string;
}

/** Every order line of both files, read without the product's own reader. */
async function linesOfFiles(): Promise<Line[]> {
  const read = (name: string) =>
    readFile(new URL(`../../packages/cli/demo/${name}`, import.meta.url), 'utf8');
  const present = now.toZonedDateTimeISO('UTC');
  const months = (present.year - 2026) * 12 + present.month - 11;
  const [, ...rows] = moveDates(await read('orders-2024-2025.csv'), months)
    .trim()
    .split('\n');
  const fromCsv = rows.map((row): Line => {
    const cells = row.split(',');
    return {
      sku: cells[4] ?? '',
      quantity: Number(cells[5]),
      startDate: cells[8] ?? '',
      state: cells[9] ?? '',
    };
  });
  const orders = JSON.parse(moveDates(await read('orders-2026.json'), months)) as {
    lines: Partial<Line>[];
  }[];
  const fromJson = orders
    .flatMap((order) => order.lines)
    .map(
      (line): Line => ({
        sku: line.sku ?? '',
        quantity: line.quantity ?? 0,
        startDate: line.startDate ?? '',
        state: line.state ?? 'shipped',
      }),
    );
  return [...fromCsv, ...fromJson];
}

/** What is owned of each license now, by name: lines that have shipped, whose term has begun and not ended. */
async function ownedByFiles(): Promise<Map<string, number>> {
  const catalog = await readCatalog();
  const nameOfTag = new Map(catalog.licenses.map(({ tag, name }) => [tag, name]));
  const products = new Map(
    (
      catalog.products as {
        sku: string;
        grants: { tag: string; quantityPerUnit: number }[];
        term: { kind: string; months?: number; days?: number };
      }[]
    ).map((product) => [product.sku, product]),
  );
  const today = now.toZonedDateTimeISO('UTC').toPlainDate();
  const owned = new Map<string, number>();
  for (const line of await linesOfFiles()) {
    const product = products.get(line.sku);
    if (product === undefined) throw new Error(`No product ${line.sku}`);
    if (line.state !== 'shipped') continue;
    if (line.startDate !== '') {
      const start = Temporal.PlainDate.from(line.startDate);
      if (Temporal.PlainDate.compare(start, today) > 0) continue;
      const { term } = product;
      const end =
        term.kind === 'perpetual'
          ? null
          : start.add(term.kind === 'term' ? { months: term.months ?? 0 } : { days: term.days ?? 0 });
      if (end !== null && Temporal.PlainDate.compare(end, today) <= 0) continue;
    }
    for (const grant of product.grants) {
      const name = nameOfTag.get(grant.tag) ?? grant.tag;
      owned.set(name, (owned.get(name) ?? 0) + grant.quantityPerUnit * line.quantity);
    }
  }
  return owned;
}

it('shows in the console exactly what the order files own and the agents use', async () => {
  const owned = await ownedByFiles();
  const inUse = new Map<string, number>();
  const nameOfTag = new Map((await readCatalog()).licenses.map(({ tag, name }) => [tag, name]));
  const statuses = agents.statuses();
  expect(statuses).toHaveLength(50);
  expect(statuses.every(({ registration }) => registration.state === 'registered')).toBe(true);
  for (const { tag, count } of statuses.flatMap(({ licenses }) => licenses)) {
    const name = nameOfTag.get(tag) ?? tag;
    inUse.set(name, (inUse.get(name) ?? 0) + count);
  }
  const expected = [...new Set([...owned.keys(), ...inUse.keys()])]
    .sort()
    .map((name) => `${name}: owned ${owned.get(name) ?? 0}, in use ${inUse.get(name) ?? 0}`);

  const { account } = await readCompany();
  const page = await test.signedIn({ email: account.administrator.email });
  await page.goto(`/accounts/${state.accountId}/licenses?by=license`);
  const table = page.getByRole('table').first();
  await table.getByText('Campus Essentials').waitFor();
  const heads = await table.getByRole('columnheader').allInnerTexts();
  const column = (name: string) => heads.findIndex((head) => head.trim().startsWith(name));
  const number = (text: string | undefined) =>
    Number((text ?? '').replaceAll(/[^\d−-]/g, '').replace('−', '-'));
  const shown: string[] = [];
  for (const row of (await table.getByRole('row').all()).slice(1)) {
    const cells = await row.locator('th, td').allInnerTexts();
    const name = cells[column('License')]?.split('\n')[0]?.trim();
    if (name !== undefined && name !== '') {
      shown.push(
        `${name}: owned ${number(cells[column('Owned')])}, in use ${number(cells[column('In use')])}`,
      );
    }
  }
  expect(shown.toSorted()).toEqual(expected.toSorted());

  // The overview adds the same figures up.
  const sum = (figures: Map<string, number>) =>
    [...figures.values()].reduce((total, figure) => total + figure, 0);
  await page.goto(`/accounts/${state.accountId}/overview`);
  await page.getByText(sum(owned).toLocaleString('en-GB'), { exact: true }).first().waitFor();
  await page.getByText(sum(inUse).toLocaleString('en-GB'), { exact: true }).first().waitFor();
}, 120_000);
