import { fileURLToPath } from 'node:url';
import type { Page, Request } from 'playwright-core';
import { seriousFindings } from './browser.ts';

/** Pictures of every view, for people to look at; not part of the repository. */
const pictures = fileURLToPath(new URL('../../.screenshots', import.meta.url));

/** Something to be looked at: a page, and what is opened on it. */
export interface View {
  name: string;
  path: string;
  act?: (page: Page) => Promise<void>;
}

/** Opens a dialog by its button. */
export const press = (name: string) => async (page: Page) => {
  await page.getByRole('main').getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

/** Opens the panel of a row. */
export const panel = (name: RegExp) => async (page: Page) => {
  await page.getByRole('main').getByRole('link', { name }).first().click();
  await page.getByRole('complementary', { name: 'Details' }).waitFor();
};

/** Counts what the page is reading, so that a picture waits for the last of it. */
function readsOf(page: Page): { done(): Promise<void> } {
  const open = new Set<Request>();
  page.on('request', (request) => open.add(request));
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return {
    async done() {
      // An answer may ask for more once it is drawn: two frames without anything open are the end.
      for (let still = 0; still < 2; still = open.size === 0 ? still + 1 : 0) {
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
      }
    },
  };
}

/**
 * Walks through the views, takes a picture of each in both themes, and lists what is wrong: what axe finds, and what
 * makes the page scroll sideways. An empty list is the goal.
 *
 * @param themes those that axe looks at
 */
export async function lookAt(
  page: Page,
  views: readonly View[],
  { prefix = '', themes = ['light', 'dark'] }: { prefix?: string; themes?: readonly string[] } = {},
): Promise<string[]> {
  const findings: string[] = [];
  const width = page.viewportSize()?.width ?? 0;
  const reads = readsOf(page);
  for (const { name, path, act } of views) {
    await page.goto(`${prefix}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await act?.(page);
    await reads.done();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
      const file = `${pictures}/${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: file, fullPage: true });
      const found = themes.includes(colorScheme) ? await seriousFindings(page) : [];
      findings.push(...found.map((finding) => `${name}, ${colorScheme}: ${finding}`));
    }
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (sideways > 0) findings.push(`${name}: scrolls ${sideways} px sideways`);
  }
  return findings;
}
