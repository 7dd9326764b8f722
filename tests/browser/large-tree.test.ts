import { listVirtualAccounts } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fill } from '../../bench/seed/fill.ts';
import { type ConsoleTest, startConsoleTest } from './browser.ts';

/* A tree that is too large to be read whole with its figures. */

let test: ConsoleTest;
let page: Page;
let accountId: string;
/** The tree as it is, to compare with what the page shows. */
let whole: Awaited<ReturnType<typeof readWhole>>;
let asked: string[] = [];

const size = { events: 0, instances: 900, virtualAccounts: 600, licenses: 20, tokens: 2 };

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  const filled = await fill(test.server.connectionString, { ...size, now: test.server.clock.now() });
  accountId = filled.accountId;
  whole = await readWhole(filled.apiKey);
  page = await test.signedIn(await test.member(accountId, 'viewer', { kind: 'account' }));
  page.on('request', (request) => {
    if (request.url().includes('rollUp=true')) asked.push(new URL(request.url()).search);
  });
}, 120_000);
afterAll(() => test?.close());

async function readWhole(apiKey: string) {
  const { items } = await test.server
    .client(apiKey)
    .call(listVirtualAccounts, { params: { accountId }, query: { rollUp: true } });
  return items;
}

const go = async (path = '') => {
  asked = [];
  await page.goto(`/accounts/${accountId}/virtual-accounts${path}`);
};
const tree = () => page.getByRole('table', { name: 'Virtual accounts', exact: true });
const lines = async () =>
  (await tree().locator('[data-row-link]').allInnerTexts()).map((name) => name.trim());
const row = (name: string) =>
  tree()
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const owned = async (name: string) => (await row(name).getByRole('cell').nth(1).innerText()).trim();
const shown = (amount: number) => amount.toLocaleString('en-US');

/** A name that no other line has, of a line below the second level with children. */
function deepLine() {
  const names = Map.groupBy(whole, ({ name }) => name);
  const found = whole.find(
    ({ depth, name, children }) => depth === 2 && children > 0 && names.get(name)?.length === 1,
  );
  if (found === undefined) throw new Error('the filled tree has no such line');
  return found;
}

it('shows its top with the sums of everything, and reads the figures below when they are looked at', async () => {
  await go();
  await page.getByText('600 virtual accounts; short: ').waitFor();
  const top = whole.filter(({ depth }) => depth <= 2);
  expect(await lines()).toEqual(top.map(({ name }) => name));
  for (const { name, nested } of whole.filter(({ depth }) => depth === 1)) {
    expect(await owned(name)).toBe(shown(nested?.owned ?? -1));
  }
  expect(asked.every((query) => query.includes('levels='))).toBe(true);

  const parent = deepLine();
  await page.getByRole('button', { name: `Open ${parent.name}` }).click();
  const children = whole.filter(({ parentId }) => parentId === parent.virtualAccountId);
  for (const { name, nested } of children) {
    await row(name).first().waitFor();
    await expect.poll(() => owned(name)).toBe(shown(nested?.owned ?? -1));
  }
  expect(asked.at(-1)).toContain(`within=${parent.virtualAccountId}`);
});

it('finds by name and by what is short wherever it lies, with figures', async () => {
  const deep = whole.findLast(({ depth }) => depth >= 8);
  if (deep === undefined) throw new Error('the filled tree is not deep');
  await go(`?search=${encodeURIComponent(deep.name)}`);
  await row(deep.name).waitFor();
  await expect.poll(() => owned(deep.name)).toBe(shown(deep.nested?.owned ?? -1));
  await page.getByText('600 virtual accounts; short: ').waitFor();

  await go('?state=short&view=own');
  const short = whole.filter(({ own }) => (own?.poolsShort ?? 0) > 0);
  expect(short.length).toBeGreaterThan(0);
  for (const { name } of short.slice(0, 3)) await row(name).first().waitFor();
});

it('opens a line that is out of sight by its address', async () => {
  const deep = whole.findLast(({ depth }) => depth >= 8);
  await go(`?open=${deep?.virtualAccountId}`);
  const panel = page.getByRole('complementary', { name: 'Details' });
  const cells = panel.getByRole('row', { name: /^Owned/ }).getByRole('cell');
  await expect
    .poll(() => cells.allInnerTexts())
    .toEqual([shown(deep?.own?.owned ?? -1), shown(deep?.nested?.owned ?? -1)]);
});
