import { readFile } from 'node:fs/promises';
import type { BodyOf, CallInput, createLicense, createProduct, grantRole } from '@estover/protocol';

const folder = new URL('../../demo/', import.meta.url);

/** The month the order files were written for. */
const writtenFor = Temporal.PlainYearMonth.from('2026-11');

export interface DemoCatalog {
  licenses: CallInput<typeof createLicense>['body'][];
  substitutions: { upperTag: string; lowerTag: string }[];
  products: CallInput<typeof createProduct>['body'][];
}

export interface DemoCompany {
  account: { name: string; domainIdentifier: string; administrator: { name: string; email: string } };
  operator: { name: string; email: string };
  people: { name: string; email: string; role: BodyOf<typeof grantRole>['role']; scope: string[] | null }[];
  virtualAccounts: { path: string; description: string }[];
}

export interface DemoAgent {
  hostName: string;
  productId: string;
  serialNumber: string;
  virtualAccount: string;
  usage: { tag: string; count: number }[];
}

const readJson = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(name, folder), 'utf8')) as T;

export const readCatalog = () => readJson<DemoCatalog>('catalog.json');
export const readCompany = () => readJson<DemoCompany>('company.json');
export const readAgents = () => readJson<DemoAgent[]>('agents.json');

export interface OrderFile {
  name: string;
  contentType: 'text/csv' | 'application/json';
  text: string;
}

/**
 * The order files that ship with the project, their dates moved by whole months so that the company lives in the
 * present: what ends next month does so whenever the demo is started.
 */
export async function readOrderFiles(
  now: Temporal.Instant,
): Promise<{ files: OrderFile[]; movedMonths: number }> {
  const present = now.toZonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth();
  const movedMonths = writtenFor.until(present, { largestUnit: 'months' }).months;
  const files = await Promise.all(
    [
      { name: 'orders-2024-2025.csv', contentType: 'text/csv' as const },
      { name: 'orders-2026.json', contentType: 'application/json' as const },
    ].map(async (file) => ({
      ...file,
      text: moveDates(await readFile(new URL(file.name, folder), 'utf8'), movedMonths),
    })),
  );
  return { files, movedMonths };
}

/** Moves every date in a text by whole months; order numbers and quantities have another form. */
export function moveDates(text: string, months: number): string {
  if (months === 0) return text;
  return text.replaceAll(/\b(\d{4}-\d{2}-\d{2})(?=[T",\n]|$)/g, (date) =>
    Temporal.PlainDate.from(date).add({ months }).toString(),
  );
}
