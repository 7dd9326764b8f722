import {
  listAccountOrders,
  listInventory,
  listProductInstances,
  listVirtualAccounts,
} from '@estover/protocol';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../account.tsx';
import { useOperation } from '../api.ts';
import { formatPath, shortTag } from '../format.ts';
import { SearchIcon } from '../parts/icons.tsx';
import { type Place, paths } from '../paths.ts';
import { paletteStore } from './palette-store.ts';
import { usePages } from './Rail.tsx';

interface Found {
  key: string;
  label: string;
  description: string;
  place: Place;
}

const most = 6;

/** Reads what the words match among licenses, instances, orders and virtual accounts of the account of the address. */
function useFound(words: string): { group: string; found: Found[] }[] {
  const { accountId = '' } = useParams({ strict: false });
  const me = useMe();
  const account = me.accounts.find((candidate) => candidate.accountId === accountId);
  const enabled = words.length >= 2 && (account?.actions.includes('view-inventory') ?? false);
  const params = { accountId };
  const query = { search: words, limit: most };
  const licenses = useOperation(listInventory, { params, query: { ...query, by: 'license' } }, { enabled });
  const instances = useOperation(listProductInstances, { params, query }, { enabled });
  const orders = useOperation(listAccountOrders, { params, query }, { enabled });
  const tree = useOperation(
    listVirtualAccounts,
    { params, query: { rollUp: false } },
    { enabled: words.length >= 2 && account !== undefined },
  );
  const lower = words.toLowerCase();
  const virtualAccounts = {
    group: 'Virtual accounts',
    found: (tree.data?.items ?? [])
      .filter((one) => words.length >= 2 && one.name.toLowerCase().includes(lower))
      .slice(0, most)
      .map((one) => ({
        key: one.virtualAccountId,
        label: one.name,
        description: formatPath(one.path),
        place: paths.virtualAccounts(accountId, { open: one.virtualAccountId }),
      })),
  };
  if (!enabled) return [virtualAccounts];
  return [
    virtualAccounts,
    {
      group: 'Licenses',
      found: (licenses.data?.items ?? []).map((row) => ({
        key: row.tag,
        label: row.licenseName,
        description: shortTag(row.tag),
        place: paths.license(accountId, row.tag),
      })),
    },
    {
      group: 'Product instances',
      found: (instances.data?.items ?? []).map((instance) => ({
        key: instance.instanceId,
        label: instance.displayName,
        description: `${instance.serialNumber} · ${formatPath(instance.virtualAccountPath)}`,
        place: paths.productInstance(accountId, instance.instanceId),
      })),
    },
    {
      group: 'Orders',
      found: (orders.data?.items ?? []).map((order) => ({
        key: order.orderNumber,
        label: order.orderNumber,
        description: order.buyer,
        place: paths.order(accountId, order.orderNumber),
      })),
    },
  ];
}

/** Everything by name from the keyboard: pages, virtual accounts, licenses, product instances, orders. */
export default function Palette() {
  const [typed, setTyped] = useState('');
  const [words] = useDebouncedValue(typed.trim(), 150);
  const navigate = useNavigate();
  const pages = usePages().filter((page) => page.title.toLowerCase().includes(typed.trim().toLowerCase()));
  const groups = [
    {
      group: 'Pages',
      found: pages.map((page) => ({
        key: page.title,
        label: page.title,
        description: '',
        place: page.place,
      })),
    },
    ...useFound(words),
  ].filter(({ found }) => found.length > 0);
  return (
    <Spotlight.Root
      store={paletteStore}
      // The shell listens for the keys, also before this is loaded.
      shortcut={null}
      query={typed}
      onQueryChange={setTyped}
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 90 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}
      attributes={{ content: { 'aria-label': 'Find anything' } }}
    >
      <Spotlight.Search
        placeholder="Find a license, instance, order, page…"
        aria-label="Find a license, instance, order or page"
        leftSection={<SearchIcon />}
      />
      <Spotlight.ActionsList>
        {groups.map(({ group, found }) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {found.map(({ key, label, description, place }) => (
              <Spotlight.Action
                key={key}
                label={label}
                description={description}
                onClick={() =>
                  void navigate({ to: place.to, params: place.params ?? {}, search: place.search ?? {} })
                }
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && (
          <Spotlight.Empty>
            {words.length < 2 ? 'Type at least two characters.' : 'Nothing has this name. Try part of it.'}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
