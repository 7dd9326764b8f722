import { encodeCursor } from '../../packages/server/src/edge/paging.ts';
import type { TimedRequest } from '../harness/timed-requests.ts';
import type { Filled } from '../seed/fill.ts';

const nil = '00000000-0000-0000-0000-000000000000';

/** What the console asks for, and what programs ask for that walk through lists; `size` is part of each name. */
export function readingRequests(
  { accountId, virtualAccounts, commonTag, tagOf }: Filled,
  size: string,
  { instances, now }: { instances: number; now: Temporal.Instant },
): TimedRequest[] {
  const account = `/api/v1/accounts/${accountId}`;
  const at = (path: string, query: Record<string, string | number | boolean | undefined> = {}) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    return `${account}/${path}?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
  };
  const figure = (name: string, note: string, path: (index: number) => string): TimedRequest => ({
    name: `${name.replace('{}', size)}.p95-ms`,
    note,
    path,
  });
  const { top, middle: halfway, hot } = virtualAccounts;
  const places = [top, halfway, hot, undefined] as const;
  const inAnyPlace = (index: number) => places[index % places.length];
  const nameOf = (index: number) => `edge-${String((index * 7_919) % instances).padStart(7, '0')}`;
  const serialOf = (index: number) => `SN${String((index * 104_729) % instances).padStart(9, '0')}`;
  const middle = encodeCursor('product-instances name', [
    `edge-${String(instances / 2).padStart(7, '0')}`,
    nil,
  ]);
  const ago = (days: number) => now.subtract({ hours: 24 * days }).toString();
  return [
    figure('inventory.{}', 'first page by license, whole account and nested', (n) =>
      at('licenses', { by: 'license', virtualAccountId: inAnyPlace(n), sort: 'license' }),
    ),
    figure('inventory.{}.pools', 'first page by pool, whole account', () => at('licenses', { by: 'pool' })),
    figure('inventory.{}.pools-nested', 'first page by pool, a virtual account and what is nested', (n) =>
      at('licenses', { by: 'pool', virtualAccountId: inAnyPlace(n % 3) }),
    ),
    figure('inventory.{}.pools-sorted', 'by pool, worst balance first', () =>
      at('licenses', { by: 'pool', sort: 'balance' }),
    ),
    figure('inventory.{}.trouble', 'only what is short or ends soon, by license', () =>
      at('licenses', { by: 'license', trouble: true }),
    ),
    figure('inventory.{}.pools-trouble', 'only pools that are short or end soon', () =>
      at('licenses', { by: 'pool', trouble: true }),
    ),
    figure('inventory.{}.as-of', 'by license 100 days ago, a virtual account and what is nested', (n) =>
      at('licenses', { by: 'license', asOf: ago(100), virtualAccountId: places[n % 3] }),
    ),
    figure('inventory.{}.as-of-account', 'by license 100 days ago, whole account', () =>
      at('licenses', { by: 'license', asOf: ago(100) }),
    ),
    figure('pool.{}', 'one license of the catalog, whole account', (n) =>
      at(`licenses/${encodeURIComponent(tagOf(n * 17))}`),
    ),
    figure('pool.{}.common', 'the license that most instances use, whole account', () =>
      at(`licenses/${encodeURIComponent(commonTag)}`),
    ),
    figure('pool.{}.hot', 'the license and virtual account of the hot pool', () =>
      at(`licenses/${encodeURIComponent(commonTag)}`, { virtualAccountId: hot, nested: false }),
    ),
    figure('movements.{}', 'newest movements, whole account', () => at('movements')),
    figure('movements.{}.nested', 'newest movements in a virtual account and what is nested', (n) =>
      at('movements', { virtualAccountId: places[n % 3] }),
    ),
    figure('tree.{}', 'the tree without figures, as the console loads it', () => at('virtual-accounts')),
    figure('overview.{}', 'the first page', () => at('overview')),
    figure('instances.{}', 'first page by name, whole account', () => at('product-instances')),
    figure('instances.{}.deep', 'a page from the middle of the list', () =>
      at('product-instances', { cursor: middle }),
    ),
    figure('instances.{}.nested', 'first page, a virtual account and what is nested', (n) =>
      at('product-instances', { virtualAccountId: places[n % 3] }),
    ),
    figure('instances.{}.contact', 'those heard last first', () =>
      at('product-instances', { sort: '-lastContact' }),
    ),
    figure('instances.{}.registered', 'those registered last first', () =>
      at('product-instances', { sort: '-registered' }),
    ),
    figure('instances.{}.by-license', 'those that use one license', (n) =>
      at('product-instances', { tag: tagOf(n * 17 + 1) }),
    ),
    figure('instances.{}.by-common', 'those that use the license which most use', () =>
      at('product-instances', { tag: commonTag }),
    ),
    figure('instances.{}.silent', 'those silent for 60 days', () =>
      at('product-instances', { silentForDays: 60 }),
    ),
    figure('instances.{}.short', 'those out of compliance', () =>
      at('product-instances', { authorization: 'out-of-compliance' }),
    ),
    figure('search.{}', 'instances by name, as the palette asks', (n) =>
      at('product-instances', { search: nameOf(n), limit: 6 }),
    ),
    figure('search.{}.serial', 'instances by serial number', (n) =>
      at('product-instances', { search: serialOf(n), limit: 6 }),
    ),
    figure('search.{}.many', 'instances by words that a tenth of them have', (n) =>
      at('product-instances', { search: `edge-00${n % 10}`, limit: 6 }),
    ),
    figure('search.{}.nothing', 'instances by words that none has', (n) =>
      at('product-instances', { search: `nothing ${n}`, limit: 6 }),
    ),
    figure('search.{}.licenses', 'licenses by name, as the palette asks', (n) =>
      at('licenses', { by: 'license', search: `vantage 00${n % 20}`, limit: 6 }),
    ),
    figure('search.{}.orders', 'orders by number', (n) =>
      at('orders', { search: `-${String(n * 31).padStart(7, '0')}`, limit: 6 }),
    ),
    figure('orders.{}', 'newest orders', () => at('orders')),
    figure('events.{}', 'newest events', () => at('events')),
    figure('events.{}.deep', 'a page of half a year ago', () => at('events', { until: ago(180) })),
    figure('events.{}.operation', 'events of one operation', () =>
      at('events', { operation: 'transferLicenses' }),
    ),
    figure('events.{}.rare', 'events of an operation that never was', () =>
      at('events', { operation: 'moveVirtualAccount' }),
    ),
    figure('events.{}.nested', 'events of a virtual account and what is nested', (n) =>
      at('events', { virtualAccountId: places[n % 3] }),
    ),
    figure('events.{}.place', 'events of one small virtual account', () =>
      at('events', { virtualAccountId: halfway, nested: false }),
    ),
    figure('events.{}.actor', 'what one person did', (n) => at('events', { actorId: `person-${n % 40}` })),
    figure('events.{}.search', 'events with a word', (n) => at('events', { search: nameOf(n) })),
    figure('alerts.{}', 'open alerts', () => at('alerts', { state: 'open' })),
    figure('tokens.{}', 'registration tokens', () => at('tokens')),
  ];
}
