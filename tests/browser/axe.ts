import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

async function serious(page: Page, runOnly: RunOptions['runOnly']): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  if (!isThere) await page.evaluate(source);
  const { violations } = await page.evaluate(
    (options): Promise<AxeResults> =>
      (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    { runOnly, resultTypes: ['violations'] } as RunOptions,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** What axe finds wrong on the page, serious and critical, as lines. An empty list is the goal. */
export const seriousFindings = (page: Page): Promise<string[]> =>
  serious(page, { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });

/** Of the same, what a small screen alone can bring. */
export const narrowFindings = (page: Page): Promise<string[]> =>
  serious(page, { type: 'rule', values: ['target-size', 'scrollable-region-focusable'] });

/** Of the same, what a change of colors alone can bring. */
export const poorContrasts = (page: Page): Promise<string[]> =>
  serious(page, { type: 'rule', values: ['color-contrast', 'link-in-text-block'] });
