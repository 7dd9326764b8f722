import type { Client } from '@estover/protocol';
import { deliver, type SeededCatalog, useLicenses } from '@estover/server/testing';
import type { ConsoleTest, Person } from './browser.ts';

export interface SeededInventory extends SeededCatalog {
  ana: Person;
  administrator: Client;
  /** Ids of the virtual accounts by full name. */
  ids: Record<string, string>;
}

/** Today and so many days, as `YYYY-MM-DD`. */
export const dayFromNow = (days: number): string => Temporal.Now.plainDateISO('UTC').add({ days }).toString();

/**
 * A company with something of everything. Network Advantage: Lyon owns 10 and uses 41, Madrid owns 120 in two lots and
 * uses 19. Branch Security: Madrid owns 5, Osaka 30 until in 45 days and uses 12. Strong Encryption: Osaka's 8 start in 20 days.
 */
export async function seedInventory(test: ConsoleTest, catalog: SeededCatalog): Promise<SeededInventory> {
  const { server } = test;
  const ana = await test.company();
  const { accountId } = ana;
  const administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
  const ids = await server.virtualAccounts(
    { ...ana, administrator },
    'EMEA / Lyon',
    'EMEA / Madrid',
    'APAC / Osaka',
  );
  const { advantage, security, encryption } = catalog;
  await deliver(server, ana, {
    tag: advantage,
    quantity: 10,
    virtualAccount: 'EMEA / Lyon',
  });
  await deliver(server, ana, {
    tag: advantage,
    quantity: 100,
    virtualAccount: 'EMEA / Madrid',
  });
  await deliver(server, ana, {
    tag: advantage,
    quantity: 20,
    virtualAccount: 'EMEA / Madrid',
    term: { kind: 'term', months: 36 },
    startDate: dayFromNow(-30),
  });
  await deliver(server, ana, {
    tag: security,
    quantity: 5,
    virtualAccount: 'EMEA / Madrid',
  });
  await deliver(server, ana, {
    tag: security,
    quantity: 30,
    virtualAccount: 'APAC / Osaka',
    term: { kind: 'demo', days: 90 },
    startDate: dayFromNow(-45),
  });
  await deliver(server, ana, {
    tag: encryption,
    quantity: 8,
    virtualAccount: 'APAC / Osaka',
    term: { kind: 'term', months: 12 },
    startDate: dayFromNow(20),
  });
  const use = (virtualAccount: string, displayName: string, counts: Record<string, number>) =>
    useLicenses(server, {
      accountId,
      virtualAccountId: ids[virtualAccount] ?? '',
      displayName,
      counts,
    });
  await use('EMEA / Lyon', 'lyon-core-01', { [advantage]: 41 });
  await use('EMEA / Madrid', 'madrid-core-01', { [advantage]: 19 });
  await use('APAC / Osaka', 'osaka-edge-01', { [security]: 12 });
  return { ...catalog, ana, administrator, ids };
}
