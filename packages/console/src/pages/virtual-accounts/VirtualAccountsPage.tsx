import { listTagKeys, listVirtualAccounts } from '@estover/protocol';
import { SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count, formatPath, formatPathEnd } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { ChevronDownIcon, ChevronRightIcon } from '../../parts/icons.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { CreateDialog } from './CreateDialog.tsx';
import { rollUpColumns } from './roll-up-columns.tsx';
import { TagChip } from './TagChip.tsx';
import { chosenTag, says } from './tags.ts';
import { initiallyFolded, inSight, matching, unfoldedIn } from './tree.ts';
import { useFigures } from './use-figures.ts';
import { VirtualAccountPanel } from './VirtualAccountPanel.tsx';
import styles from './virtual-accounts.module.css';

const route = getRouteApi('/signed-in/accounts/$accountId/virtual-accounts');

const shortOnly = [{ value: 'short', label: 'short' }] as const;

/** The tree of virtual accounts with the figures of each, alone or with everything nested. */
export default function VirtualAccountsPage() {
  const account = useAccount();
  const { accountId } = account;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [creating, setCreating] = useState(false);
  const names = useOperation(listVirtualAccounts, { params: { accountId }, query: { rollUp: false } });
  const tree = names.data?.items ?? [];
  const tagKeys = useOperation(listTagKeys, { params: { accountId } }).data?.items ?? [];
  const tag = chosenTag(tagKeys, search.tag);
  const [chosenFolds, setFolds] = useState<Set<string> | null>(null);
  const folds = chosenFolds ?? initiallyFolded(tree);
  const words = search.search?.toLowerCase();
  const mayFigures = account.may('view-inventory') && names.data !== undefined;
  const figures = useFigures(accountId, mayFigures ? tree : null, {
    words,
    shortOnly: search.state !== undefined,
    tag: tag?.asked,
    unfolded: unfoldedIn(tree, folds, search.open),
  });
  const items = figures.lines ?? tree;
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });

  const view = search.view ?? 'nested';
  const isFiltered = words !== undefined || search.state !== undefined || tag !== undefined;
  const found = isFiltered
    ? matching(
        items,
        (one) =>
          (words === undefined || says(one, words)) &&
          (tag === undefined || tag.isCarriedBy(one)) &&
          (search.state === undefined || (one.own?.poolsShort ?? 0) > 0),
      )
    : inSight(items, folds);
  // Of a large tree not everything that matches is found with its figures.
  const rows = isFiltered && figures.isPart ? found.filter((one) => one.own !== undefined) : found;
  const left = found.length - rows.length;
  const fold = (id: string, folded: boolean) => {
    const next = new Set(folds);
    if (folded) next.add(id);
    else next.delete(id);
    setFolds(next);
  };
  const open = items.find((one) => one.virtualAccountId === search.open);

  return (
    <>
      <PageHead
        title="Virtual accounts"
        sentence={names.data === undefined ? '' : sentenceOf(tree, mayFigures ? figures.short : null)}
        actions={
          <ReasonedButton
            variant="filled"
            reason={account.reasonAgainst('create-nested-virtual-account')}
            onClick={() => setCreating(true)}
          >
            Create virtual account
          </ReasonedButton>
        }
      />
      <SplitPanel
        listName="Virtual accounts"
        closed={paths.virtualAccounts(accountId, { ...search, open: undefined })}
        panel={
          open === undefined
            ? null
            : {
                title: open.name,
                body: <VirtualAccountPanel key={open.virtualAccountId} virtualAccount={open} all={items} />,
              }
        }
      >
        <Card>
          <FilterChips
            end={
              <span className={styles.end}>
                <SegmentedControl
                  size="xs"
                  aria-label="Figures"
                  value={view}
                  onChange={(chosen) => set({ view: chosen === 'own' ? 'own' : undefined })}
                  data={[
                    { value: 'nested', label: 'With everything nested' },
                    { value: 'own', label: 'Each alone' },
                  ]}
                />
              </span>
            }
          >
            <SearchChip
              label="Find a virtual account"
              placeholder="Name, description or tag"
              value={search.search}
              onChange={(found) => set({ search: found })}
            />
            <SelectChip
              label="State"
              value={search.state}
              options={shortOnly}
              onChange={(state) => set({ state })}
            />
            {tagKeys.length > 0 && (
              <TagChip keys={tagKeys} chosen={tag} onChange={(chosen) => set({ tag: chosen })} />
            )}
          </FilterChips>
          {figures.error !== null && rows.length > 0 && (
            <ProblemNotice error={figures.error} onRetry={figures.retry} />
          )}
          {left > 0 && <p className={styles.text}>The first that were found; {left} more match.</p>}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys of the tree, beside each line's own button */}
          <div onKeyDown={(event) => foldByArrow(event, rows, fold)}>
            <DataTable
              label="Virtual accounts"
              keyboard
              columns={rollUpColumns(view, open !== undefined)}
              rows={rows}
              rowKey={(row) => row.virtualAccountId}
              rowName={(row) => formatPath(row.path)}
              rowLead={(row) => (
                <Expander
                  row={row}
                  isFolded={!isFiltered && folds.has(row.virtualAccountId)}
                  fixed={isFiltered}
                  onFold={(folded) => fold(row.virtualAccountId, folded)}
                />
              )}
              rowTail={(row) => (row.isDefault ? <StatePill tone="neutral">default</StatePill> : null)}
              rowLink={(row) => paths.virtualAccounts(accountId, { ...search, open: row.virtualAccountId })}
              openKey={search.open ?? null}
              isPending={names.isPending || figures.isPending}
              error={names.error ?? figures.error}
              onRetry={() => {
                void names.refetch();
                figures.retry();
              }}
              empty={
                <EmptyState title={isFiltered ? 'No virtual account matches' : 'No virtual account'}>
                  {isFiltered
                    ? 'Try part of the name, or clear the filters.'
                    : 'Your roles reach none. Ask an administrator.'}
                </EmptyState>
              }
            />
          </div>
        </Card>
      </SplitPanel>
      {creating && <CreateDialog parentId={null} onClose={() => setCreating(false)} />}
    </>
  );
}

function sentenceOf(
  tree: readonly VirtualAccount[],
  short: { named: readonly VirtualAccount[]; more: number | null } | null,
): string {
  const all = count(tree.length, 'virtual account');
  if (short === null) return `${all}.`;
  const { named, more } = short;
  if (named.length === 0) return `${all}, none short.`;
  const names = named.map((one) => formatPathEnd(one.path));
  const others = more === null ? ' and others' : more === 0 ? '' : ` and ${more} more`;
  return `${all}; short: ${names.join(', ')}${others}.`;
}

interface ExpanderProps {
  row: VirtualAccount;
  isFolded: boolean;
  /** A filtered tree shows its matches and cannot be folded. */
  fixed: boolean;
  onFold: (folded: boolean) => void;
}

function Expander({ row, isFolded, fixed, onFold }: ExpanderProps) {
  const room = (row.depth - 1) * 18;
  if (row.children === 0 || fixed) {
    return <span className={styles.indent} style={{ width: room + 22 }} />;
  }
  return (
    <span className={styles.indent} style={{ paddingLeft: room }}>
      <button
        type="button"
        className={styles.expander}
        aria-expanded={!isFolded}
        aria-label={`${isFolded ? 'Open' : 'Fold'} ${row.name}`}
        onClick={() => onFold(!isFolded)}
      >
        {isFolded ? <ChevronRightIcon /> : <ChevronDownIcon />}
      </button>
    </span>
  );
}

/** Right opens and left folds the line that has the focus, as in every tree. */
function foldByArrow(
  event: KeyboardEvent,
  rows: readonly VirtualAccount[],
  fold: (id: string, folded: boolean) => void,
): void {
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  if (!(event.target instanceof Element)) return;
  const id = event.target.closest('[data-row]')?.getAttribute('data-row');
  const row = rows.find((candidate) => candidate.virtualAccountId === id);
  if (row === undefined || row.children === 0) return;
  event.preventDefault();
  fold(row.virtualAccountId, event.key === 'ArrowLeft');
}
