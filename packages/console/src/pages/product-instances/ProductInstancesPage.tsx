import { getProductInstance, listProductInstances } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation, usePages } from '../../api.ts';
import { count, formatNumber, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment } from '../../parts/figures.tsx';
import { LicenseChip } from '../../parts/LicenseChip.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { paths } from '../../paths.ts';
import { CreateTokenDialog } from '../tokens/CreateTokenDialog.tsx';
import styles from './InstanceDetail.module.css';
import { InstancePanel } from './InstanceDetail.tsx';
import { authorizations, InstancePill, instanceStates, type ProductInstance } from './instance-words.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/product-instances');

const namesShown = 2;

/** `40 Network Advantage, 2 Voice Session and 3 more`. */
function usesInWords({ usage }: ProductInstance): string {
  if (usage.length === 0) return 'nothing';
  const named = usage
    .slice(0, namesShown)
    .map((use) => `${formatNumber(use.count)} ${use.licenseName ?? 'of an unknown tag'}`);
  const others = usage.length - named.length;
  return others > 0 ? `${named.join(', ')} and ${formatNumber(others)} more` : named.join(', ');
}

const columns: Column<ProductInstance>[] = [
  {
    key: 'name',
    title: 'Product instance',
    cell: (instance) => (
      <TwoLines name={instance.displayName} below={`${instance.productId} · ${instance.serialNumber}`} />
    ),
  },
  {
    key: 'virtualAccount',
    title: 'Virtual account',
    cell: (instance) => formatPath(instance.virtualAccountPath),
  },
  {
    key: 'usage',
    title: 'Uses',
    cell: (instance) => <span className={styles.uses}>{usesInWords(instance)}</span>,
  },
  {
    key: 'lastContact',
    title: 'Last contact',
    cell: (instance) => <Moment at={instance.lastContactAt} />,
    sort: { up: '-lastContact', down: 'lastContact' },
  },
  {
    key: 'registered',
    title: 'Registered',
    cell: (instance) => <Moment at={instance.registeredAt} />,
    sort: { up: '-registered', down: 'registered' },
  },
  { key: 'state', title: 'State', cell: (instance) => <InstancePill instance={instance} /> },
];

/** What still fits beside the open panel. */
const narrowColumns = columns.filter(({ key }) => !['usage', 'registered'].includes(key));

const stateOptions = Object.entries(instanceStates).map(([value, { label }]) => ({
  value: value as ProductInstance['state'],
  label,
}));
const authorizationOptions = Object.entries(authorizations).map(([value, { label }]) => ({
  value: value as ProductInstance['authorization'],
  label,
}));
const silences = [
  { value: '1', label: 'a day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '60', label: '60 days' },
  { value: '90', label: '90 days' },
] as const;

/** Everything that is registered, what it uses and when it was last heard of. */
export default function ProductInstancesPage() {
  const account = useAccount();
  const { accountId } = account;
  const [adding, setAdding] = useState(false);
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const list = usePages(listProductInstances, { params: { accountId }, query: filters });
  const opened = useOperation(
    getProductInstance,
    { params: { accountId, instanceId: open ?? '' } },
    { enabled: open !== undefined },
  );
  const detail = opened.data?.productInstance.instanceId === open ? opened.data : undefined;
  const total = list.first?.total;
  const { sort: _, ...chosen } = filters;
  const isFiltered = Object.values(chosen).some((value) => value !== undefined);
  const closed = paths.productInstances(accountId, filters);
  const addReason = account.reasonAgainst('manage-tokens');
  const addButton = (
    <ReasonedButton variant="filled" reason={addReason} onClick={() => setAdding(true)}>
      Add product instance…
    </ReasonedButton>
  );

  return (
    <>
      <PageHead
        title="Product instances"
        sentence={
          total === undefined
            ? ''
            : isFiltered
              ? `${count(total, 'product instance')} ${total === 1 ? 'matches' : 'match'} these filters.`
              : total === 0
                ? 'None is registered yet.'
                : `${count(total, 'product instance')} ${total === 1 ? 'uses' : 'use'} the licenses of this account.`
        }
        actions={addButton}
      />
      {adding && (
        <CreateTokenDialog
          guide
          virtualAccountId={filters.virtualAccountId}
          onClose={() => setAdding(false)}
        />
      )}
      <SplitPanel
        listName="Product instances"
        closed={closed}
        panel={
          open === undefined
            ? null
            : {
                title: detail?.productInstance.displayName ?? 'Product instance',
                page: paths.productInstance(accountId, open),
                body:
                  detail === undefined ? (
                    <ProblemNotice error={opened.error} onRetry={() => void opened.refetch()} />
                  ) : (
                    <InstancePanel detail={detail} />
                  ),
              }
        }
      >
        <Card>
          <FilterChips end={total === undefined ? undefined : `${formatNumber(total)} found`}>
            <SearchChip
              label="Search product instances"
              placeholder="Host name, serial, product id"
              value={filters.search}
              onChange={(search) => set({ search })}
            />
            <VirtualAccountChip
              virtualAccountId={filters.virtualAccountId}
              nested={filters.nested ?? true}
              onChange={({ virtualAccountId, nested }) =>
                set({ virtualAccountId, nested: nested ? undefined : false })
              }
            />
            <LicenseChip tag={filters.tag} onChange={(tag) => set({ tag })} />
            <SelectChip
              label="State"
              any="registered or silent"
              value={filters.state}
              options={stateOptions}
              onChange={(state) => set({ state })}
            />
            <SelectChip
              label="Authorization"
              value={filters.authorization}
              options={authorizationOptions}
              onChange={(authorization) => set({ authorization })}
            />
            <SelectChip
              label="Silent for"
              value={silences.find(({ value }) => value === String(filters.silentForDays))?.value}
              options={silences}
              onChange={(days) => set({ silentForDays: days === undefined ? undefined : Number(days) })}
            />
          </FilterChips>
          <DataTable
            label="Product instances"
            keyboard
            columns={open === undefined ? columns : narrowColumns}
            rows={list.items}
            rowKey={(instance) => instance.instanceId}
            rowName={(instance) => instance.displayName}
            rowLink={(instance) =>
              paths.productInstances(accountId, { ...filters, open: instance.instanceId })
            }
            openKey={open ?? null}
            sort={{
              by: filters.sort ?? 'name',
              onChange: (by) => set({ sort: by as typeof filters.sort }),
            }}
            {...list.table}
            empty={
              isFiltered ? (
                <NothingMatches
                  title="No product instance matches these filters"
                  onClear={() => void navigate({ search: {}, replace: true })}
                />
              ) : (
                <EmptyState title="No product instance is registered yet" action={addButton}>
                  A device, virtual machine or application appears here once it registers with a token of a
                  virtual account.
                </EmptyState>
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}
