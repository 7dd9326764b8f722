import { listInventory } from '@estover/protocol';
import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { formatDay, formatNumber, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { TagText } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { useTransferReason } from '../../parts/transfer-reason.ts';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { inventoryColumns } from './inventory-columns.tsx';
import { type InventoryRow, keyOf } from './inventory-row.ts';
import { LicensePanel } from './LicensePanel.tsx';
import { AsOf, ExportMenu } from './LicensesActions.tsx';
import { inventoryFilters, type LicensesSearch } from './search.ts';
import { useOpenTransfer } from './transfer-host.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/licenses');

const states = [
  { value: 'trouble', label: 'short or ending soon' },
  { value: 'out-of-compliance', label: 'out of compliance' },
  { value: 'overage', label: 'overage' },
  { value: 'in-compliance', label: 'in compliance' },
] as const;

const endings = [30, 60, 90, 180, 365].map((days) => ({ value: String(days), label: `${days} days` }));

/** The inventory: what is owned, where, in use and short, at any date. */
export default function LicensesPage() {
  const account = useAccount();
  const { accountId } = account;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const openTransfer = useOpenTransfer();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const set = (change: Partial<LicensesSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const filters = inventoryFilters(search);
  const sort = search.sort ?? 'license';
  const list = usePages(listInventory, { params: { accountId }, query: { ...filters, sort } });

  const chosen = list.items.filter((row) => selected.has(keyOf(row)));
  const reason = transferReason(useTransferReason(), search, chosen);
  const isOpen = search.open !== undefined;
  const closed = paths.licenses(accountId, { ...search, open: undefined, at: undefined });
  const openRow = list.items.find(
    (row) => row.tag === search.open && (row.virtualAccountId ?? undefined) === search.at,
  );

  return (
    <>
      <PageHead
        title="Licenses"
        sentence={<Sentence search={search} />}
        actions={
          <>
            <AsOf date={search.asOf} onChange={(asOf) => set({ asOf })} />
            <ExportMenu search={search} />
            <ReasonedButton
              variant="filled"
              reason={reason}
              onClick={() =>
                openTransfer({
                  fromVirtualAccountId: chosen[0]?.virtualAccountId ?? search.virtualAccountId ?? null,
                  lines: chosen.map(({ tag, licenseName }) => ({ tag, licenseName })),
                })
              }
            >
              {chosen.length === 0 ? 'Transfer…' : `Transfer ${formatNumber(chosen.length)} selected…`}
            </ReasonedButton>
          </>
        }
      />
      <SplitPanel
        listName="Licenses"
        closed={closed}
        panel={
          search.open === undefined
            ? null
            : {
                title: openRow?.licenseName ?? <TagText>{search.open}</TagText>,
                page: paths.license(accountId, search.open, {
                  virtualAccountId: search.at ?? search.virtualAccountId,
                  nested: search.at === undefined ? search.nested : false,
                }),
                body: <LicensePanel tag={search.open} search={search} />,
              }
        }
      >
        <Card>
          <FilterChips end={<Total list={list} />}>
            <SearchChip
              label="Find licenses by name or tag"
              placeholder="Name or tag"
              value={search.search}
              onChange={(words) => set({ search: words })}
            />
            <VirtualAccountChip
              virtualAccountId={search.virtualAccountId}
              nested={search.nested ?? true}
              onChange={({ virtualAccountId, nested }) =>
                set({ virtualAccountId, nested: nested ? undefined : false })
              }
            />
            <SelectChip
              label="State"
              value={search.state}
              options={states}
              onChange={(state) => set({ state })}
            />
            <SelectChip
              label="Ends within"
              any="any time"
              value={search.endingWithinDays === undefined ? undefined : String(search.endingWithinDays)}
              options={endings}
              onChange={(days) => set({ endingWithinDays: days === undefined ? undefined : Number(days) })}
            />
            <FamilyChip rows={list.items} family={search.family} onChange={(family) => set({ family })} />
            <SegmentedControl
              size="xs"
              aria-label="Rows"
              value={search.by ?? 'pool'}
              onChange={(by) => {
                setSelected(new Set());
                set({ by: by === 'license' ? 'license' : undefined, open: undefined, at: undefined });
              }}
              data={[
                { value: 'pool', label: 'By pool' },
                { value: 'license', label: 'By license' },
              ]}
            />
          </FilterChips>
          <DataTable
            label="Licenses"
            keyboard
            columns={inventoryColumns(search.by === 'license', isOpen)}
            rows={list.items}
            rowKey={keyOf}
            rowName={(row) => [row.licenseName, ...row.virtualAccountPath].join(' ')}
            rowLink={(row) =>
              paths.licenses(accountId, { ...search, open: row.tag, at: row.virtualAccountId ?? undefined })
            }
            openKey={
              search.open === undefined
                ? null
                : keyOf({ tag: search.open, virtualAccountId: search.at ?? null })
            }
            selection={{ keys: selected, onChange: setSelected }}
            sort={{
              by: sort,
              onChange: (by) => set({ sort: by === 'license' ? undefined : (by as LicensesSearch['sort']) }),
            }}
            {...list.table}
            empty={<Empty search={search} onClear={() => set(noFilters)} />}
          />
        </Card>
      </SplitPanel>
    </>
  );
}

const noFilters: Partial<LicensesSearch> = {
  virtualAccountId: undefined,
  nested: undefined,
  search: undefined,
  state: undefined,
  family: undefined,
  endingWithinDays: undefined,
};

/** A transfer has one source, and only the present can be changed. */
function transferReason(notAllowed: Reason, search: LicensesSearch, chosen: InventoryRow[]): Reason {
  if (notAllowed !== null) return notAllowed;
  if (search.asOf !== undefined) return 'Only the present can be changed. Go back to now first.';
  if (new Set(chosen.map((row) => row.virtualAccountId)).size > 1) {
    return 'The selected rows lie in several virtual accounts; a transfer has one source.';
  }
  return null;
}

function Sentence({ search }: { search: LicensesSearch }) {
  const virtualAccounts = useVirtualAccounts();
  const chosen = virtualAccounts.find((one) => one.virtualAccountId === search.virtualAccountId);
  const nested = search.nested ?? true;
  const where =
    chosen === undefined
      ? 'All virtual accounts'
      : `${formatPath(chosen.path)}, ${nested ? 'with everything nested' : 'alone'}`;
  const when = search.asOf === undefined ? 'as of now' : `as of the end of ${formatDay(search.asOf)}`;
  return `${where} · ${when}`;
}

function Total({ list }: { list: ReturnType<typeof usePages<typeof listInventory>> }) {
  if (list.first === undefined) return null;
  return `${formatNumber(list.items.length)} of ${formatNumber(list.first.total)}`;
}

function FamilyChip(props: {
  rows: InventoryRow[];
  family: string | undefined;
  onChange: (family: string | undefined) => void;
}) {
  const { rows, family, onChange } = props;
  const families = new Set(rows.map((row) => row.family).filter((name) => name !== ''));
  if (family !== undefined) families.add(family);
  if (families.size < 2 && family === undefined) return null;
  const options = [...families].sort().map((name) => ({ value: name, label: name }));
  return <SelectChip label="Family" value={family} options={options} onChange={onChange} />;
}

function Empty({ search, onClear }: { search: LicensesSearch; onClear: () => void }) {
  const { accountId } = useAccount();
  const filtered = Object.keys(noFilters).some((name) => name in search && name !== 'nested');
  if (filtered) {
    return (
      <EmptyState title="No license matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        Nothing here fits all of them at once.
      </EmptyState>
    );
  }
  if (search.asOf !== undefined) {
    return (
      <EmptyState title={`Nothing at the end of ${formatDay(search.asOf)}`}>
        No license had been delivered by then: what an order brought counts from its delivery on. Choose
        another day above, or go back to now.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No licenses yet"
      action={<PlaceLink to={paths.orders(accountId)}>See the orders</PlaceLink>}
    >
      Licenses arrive when an order is delivered into one of your virtual accounts.
    </EmptyState>
  );
}
