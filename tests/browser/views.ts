import { fileURLToPath } from 'node:url';
import type { Page, Request } from 'playwright-core';
import { narrowFindings, poorContrasts, seriousFindings } from './axe.ts';

/** Pictures of every view, for people to look at, where the environment's `PICTURES` asks for them; kept by nobody. */
const pictures =
  process.env.PICTURES === undefined
    ? undefined
    : fileURLToPath(new URL('../../.screenshots', import.meta.url));

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

/** Colors change by transition when the theme does: halfway through they have contrasts that nobody means. */
const colorsSettled = (page: Page): Promise<unknown> =>
  page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation instanceof CSSTransition)
        .map((transition) => transition.finished),
    ),
  );

const narrow = 640;

const isNarrow = (page: Page): boolean => (page.viewportSize()?.width ?? 0) < narrow;

/** A small screen shows the same in other places, and another theme the same in other colors. */
async function look(page: Page, { isFirst }: { isFirst: boolean }): Promise<string[]> {
  if (isNarrow(page)) return isFirst ? narrowFindings(page) : [];
  return isFirst ? seriousFindings(page) : poorContrasts(page);
}

/** What is wrong with one view: what axe finds, and what makes the page scroll sideways. */
async function findingsOf(
  page: Page,
  { name, path, act }: View,
  { prefix, themes, reads }: { prefix: string; themes: readonly string[]; reads: ReturnType<typeof readsOf> },
): Promise<string[]> {
  const findings: string[] = [];
  await page.goto(`${prefix}${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  // Lists are read by now, or say that nothing is in them.
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await act?.(page);
  await reads.done();
  for (const colorScheme of ['light', 'dark'] as const) {
    const isLookedAt = themes.includes(colorScheme) && !(isNarrow(page) && colorScheme !== themes[0]);
    if (pictures === undefined && !isLookedAt) continue;
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await colorsSettled(page);
    if (pictures !== undefined) {
      const width = page.viewportSize()?.width ?? 0;
      const file = `${pictures}/${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: file, fullPage: true });
    }
    if (!isLookedAt) continue;
    const found = await look(page, { isFirst: colorScheme === themes[0] });
    findings.push(...found.map((finding) => `${name}, ${colorScheme}: ${finding}`));
  }
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 0) findings.push(`${name}: scrolls ${sideways} px sideways`);
  return findings;
}

/**
 * Walks through the views and lists what is wrong with each. An empty list is the goal. With `PICTURES=1` in the
 * environment it also takes a picture of each in both themes.
 *
 * @param themes those that axe looks at
 */
export async function lookAt(
  page: Page,
  views: readonly View[],
  { prefix = '', themes = ['light', 'dark'] }: { prefix?: string; themes?: readonly string[] } = {},
): Promise<string[]> {
  const findings: string[] = [];
  const reads = readsOf(page);
  for (const view of views) {
    try {
      findings.push(...(await findingsOf(page, view, { prefix, themes, reads })));
    } catch (error) {
      throw new Error(`${view.name} could not be looked at`, { cause: error });
    }
  }
  return findings;
}
