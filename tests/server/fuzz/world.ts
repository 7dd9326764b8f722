import type { GrantScope } from '@estover/domain/access';
import {
  addToGroup,
  createGroup,
  createToken,
  grantRole,
  listAccountOrders,
  listAlerts,
  listApiKeys,
  listCatalogLicenses,
  listEvents,
  listMovements,
  listPeople,
  listProducts,
} from '@estover/protocol';
import {
  deliver,
  type SeededAccount,
  seedCatalog,
  type TestServer,
  useLicenses,
} from '@estover/server/testing';
import type { Known } from './values.ts';

/** Who asks. */
export interface Caller {
  name: string;
  key: string | null;
}

/** Two accounts with a little of everything, and callers of the first. */
export interface World {
  /** Account, and ids by the names under which requests ask for them. */
  own: { accountId: string; known: Known };
  other: { accountId: string; known: Known; administrator: Caller };
  /** Both, the own ones three times as often. */
  known: Known;
  callers: {
    administrator: Caller;
    viewer: Caller;
    virtualAccountUser: Caller;
    nobody: Caller;
    operator: Caller;
  };
}

/** What only the other account has: none of it may be told to anybody else. */
export const secretOfOther = 'Quenby Undisclosed';

export async function makeWorld(server: TestServer): Promise<World> {
  const catalog = await seedCatalog(server);
  const own = await fill(server, await server.account('Fuzz Lines'), 'Own', catalog.advantage);
  const other = await fill(server, await server.account(secretOfOther), secretOfOther, catalog.advantage);
  const { items: products } = await server.operator.call(listProducts, {});
  const { items: licenses } = await server.operator.call(listCatalogLicenses, {});
  const tags = licenses.map((license) => license.tag);
  const ofAll: Known = {
    tag: tags,
    upperTag: tags,
    lowerTag: tags,
    sku: products.map((product) => product.sku),
  };
  const reach = { virtualAccountId: own.ids.virtualAccountId?.[0] ?? '', nested: true };
  const scope: GrantScope = { kind: 'virtual-accounts', virtualAccounts: [reach] };
  const keyOf = async (name: string, key: Promise<string>): Promise<Caller> => ({ name, key: await key });
  const { accountId } = own;
  return {
    own: { accountId, known: { ...idsOf(own), ...ofAll } },
    other: {
      accountId: other.accountId,
      known: { ...idsOf(other), ...ofAll },
      administrator: await keyOf(
        'the other administrator',
        server.keyOf(other.accountId, 'account-administrator'),
      ),
    },
    known: { ...merge(idsOf(own), idsOf(other)), ...ofAll },
    callers: {
      administrator: await keyOf('administrator', server.keyOf(accountId, 'account-administrator')),
      viewer: await keyOf('viewer', server.keyOf(accountId, 'viewer')),
      virtualAccountUser: await keyOf(
        'virtual account user',
        server.keyOf(accountId, 'virtual-account-user', scope),
      ),
      nobody: { name: 'nobody', key: null },
      operator: { name: 'operator', key: server.operatorKey },
    },
  };
}

const idsOf = ({ accountId, ids }: { accountId: string; ids: Known }): Known => ({
  accountId: [accountId],
  account: [accountId],
  ...ids,
});

async function fill(server: TestServer, seeded: SeededAccount, name: string, tag: string) {
  const { accountId, administrator, defaultVirtualAccountId } = seeded;
  const params = { accountId };
  const places = Object.values(await server.virtualAccounts(seeded, `${name} North`, `${name} South`));
  const { orderNumber } = await deliver(server, seeded, {
    tag,
    quantity: 50,
    virtualAccount: `${name} North`,
  });
  const instanceId = await useLicenses(server, {
    accountId,
    virtualAccountId: places[1] ?? '',
    counts: { [tag]: 5 },
    displayName: `${name} router`,
  });
  await administrator.call(grantRole, {
    params,
    body: {
      email: `person@${accountId}.example`,
      name: `${name} Person`,
      role: 'viewer',
      scope: { kind: 'account' },
    },
  });
  const { group } = await administrator.call(createGroup, {
    params,
    body: { name: `${name} Group`, role: 'viewer', scope: { kind: 'account' } },
  });
  await administrator.call(addToGroup, {
    params: { accountId, groupId: group.groupId },
    body: { people: [{ email: `person@${accountId}.example` }] },
  });
  const { token } = await administrator.call(createToken, {
    params: { accountId, virtualAccountId: defaultVirtualAccountId },
    body: { description: `${name} token` },
  });
  const { items: people } = await administrator.call(listPeople, { params });
  const { items: keys } = await administrator.call(listApiKeys, { params });
  const { items: movements } = await administrator.call(listMovements, { params });
  const { items: alerts } = await administrator.call(listAlerts, { params });
  const { items: events } = await administrator.call(listEvents, { params });
  const orders = await administrator.call(listAccountOrders, { params });
  const all = [defaultVirtualAccountId, ...places];
  const ids: Known = {
    virtualAccountId: all,
    fromVirtualAccountId: all,
    toVirtualAccountId: all,
    parentId: all,
    contentsTo: all,
    instanceId: [instanceId],
    tokenId: [token.tokenId],
    grantId: people.flatMap((person) => person.grants.map((grant) => grant.grantId)),
    groupId: [group.groupId],
    personId: people.map((person) => person.personId),
    apiKeyId: keys.map((key) => key.apiKeyId),
    movementId: movements.map((movement) => movement.movementId),
    lotId: movements.flatMap((movement) => movement.entries.map((entry) => entry.lotId)),
    alertId: alerts.map((alert) => alert.alertId),
    objectId: events.map((event) => event.objectId),
    orderNumber: [orderNumber, ...orders.items.map((order) => order.orderNumber)],
  };
  return { accountId, ids };
}

/** Ids of both accounts by name, the own ones three times as often. */
function merge(own: Known, other: Known): Known {
  return Object.fromEntries(
    Object.keys(own)
      .map((name): [string, string[]] => {
        const mine = own[name] ?? [];
        return [name, [...mine, ...mine, ...mine, ...(other[name] ?? [])]];
      })
      .filter(([, values]) => values.length > 0),
  );
}
