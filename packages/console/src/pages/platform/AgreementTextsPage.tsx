import { agreementGates } from '@estover/domain/agreements';
import {
  type AnswerOf,
  downloadAgreementAccounts,
  listAgreementAccounts,
  listAgreementVersions,
  updateAgreementSettings,
} from '@estover/protocol';
import { Button, Checkbox } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { client, useAction, useOperation, usePages } from '../../api.ts';
import { count, formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { type Standing, standings } from '../agreements/agreement-words.ts';
import styles from '../agreements/agreements.module.css';
import { PublishDialog } from './PublishDialog.tsx';

type Versions = AnswerOf<typeof listAgreementVersions>;
type Version = Versions['versions'][number];
type Row = AnswerOf<typeof listAgreementAccounts>['items'][number];

const route = getRouteApi('/signed-in/platform/agreements');

const gateNames: Record<(typeof agreementGates)[number], string> = {
  tokens: 'Making new tokens',
  delivery: 'Taking delivery: lines that ship wait',
  transfers: 'Moving licenses and product instances',
  downloads: 'Downloading reports',
};

const standingOptions = Object.entries(standings).map(([value, { label }]) => ({
  value: value as Standing,
  label,
}));

const versionColumns: Column<Version>[] = [
  {
    key: 'title',
    title: 'Text',
    cell: ({ title, version, agreement, language }) => (
      <TwoLines
        name={`${title}, version ${version}`}
        below={language === null ? agreement : `${agreement} · ${language}`}
      />
    ),
  },
  { key: 'published', title: 'Published', cell: ({ publishedAt }) => <Moment at={publishedAt} /> },
  { key: 'by', title: 'By', cell: ({ publishedBy }) => publishedBy },
  { key: 'deadline', title: 'Deadline', cell: ({ deadlineDays }) => count(deadlineDays, 'day') },
  {
    key: 'accounts',
    title: 'Accounts',
    cell: ({ accounts, isTold }) =>
      accounts === null
        ? 'a newer one counts'
        : `${formatNumber(accounts.accepted)} accepted, ${formatNumber(accounts.open)} to accept, ${formatNumber(accounts.overdue)} overdue${isTold ? '' : '; being told'}`,
  },
];

const accountColumns: Column<Row>[] = [
  {
    key: 'name',
    title: 'Account',
    cell: ({ name, domainIdentifier }) => <TwoLines name={name} below={domainIdentifier} />,
  },
  {
    key: 'standing',
    title: 'State',
    cell: ({ standing }) => (
      <StatePill tone={standings[standing].tone}>{standings[standing].label}</StatePill>
    ),
  },
  { key: 'due', title: 'Accept by', cell: ({ dueAt }) => <Moment at={dueAt} /> },
  {
    key: 'version',
    title: 'Accepted version',
    cell: ({ acceptedVersion }) => (acceptedVersion === null ? 'none' : formatNumber(acceptedVersion)),
  },
  { key: 'at', title: 'Accepted', cell: ({ acceptedAt }) => <Moment at={acceptedAt} absent="not yet" /> },
];

function sentenceOf({ versions }: Versions): string {
  const overdue = versions.reduce((sum, { accounts }) => sum + (accounts?.overdue ?? 0), 0);
  const open = versions.reduce((sum, { accounts }) => sum + (accounts?.open ?? 0), 0);
  if (overdue + open === 0) return 'Every account has accepted what there is to accept.';
  return `${count(open, 'account')} still to accept in time, ${count(overdue, 'account')} overdue.`;
}

/** The texts that accounts accept: their versions, what is closed without acceptance, and who has not accepted. */
export default function AgreementTextsPage() {
  const platform = usePlatform();
  const list = useOperation(listAgreementVersions, {});
  const [publishing, setPublishing] = useState(false);
  const reason = platform.reasonAgainst('publish-agreements');
  return (
    <>
      <PageHead
        title="Texts to accept"
        sentence={list.data === undefined ? '' : sentenceOf(list.data)}
        actions={
          <ReasonedButton variant="filled" reason={reason} onClick={() => setPublishing(true)}>
            Publish a version…
          </ReasonedButton>
        }
      />
      {list.error !== null && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      <div className={styles.page}>
        <Card title="Versions">
          <DataTable
            label="Versions"
            columns={versionColumns}
            rows={list.data?.versions ?? []}
            rowKey={({ agreement, version }) => `${agreement}/${version}`}
            isPending={list.isPending}
            empty={<EmptyState title="There is no text yet" />}
          />
        </Card>
        {list.data !== undefined && (
          <Gates key={list.data.blocked.join()} blocked={list.data.blocked} reason={reason} />
        )}
        {list.data !== undefined && <Accounts versions={list.data.versions} />}
      </div>
      {publishing && (
        <PublishDialog versions={list.data?.versions ?? []} onClose={() => setPublishing(false)} />
      )}
    </>
  );
}

function Gates({ blocked, reason }: { blocked: Versions['blocked']; reason: string | null }) {
  const [chosen, setChosen] = useState<string[]>(blocked);
  const update = useAction(updateAgreementSettings);
  const wanted = agreementGates.filter((gate) => chosen.includes(gate));
  const isSame = wanted.join() === blocked.join();
  return (
    <Card title="Closed after the deadline" padded>
      <div className={styles.body}>
        <Checkbox.Group
          label="What an account cannot do until it accepts"
          description="Product instances that are registered go on in any case."
          value={chosen}
          onChange={setChosen}
        >
          <div className={styles.choices}>
            {agreementGates.map((gate) => (
              <Checkbox key={gate} value={gate} label={gateNames[gate]} disabled={reason !== null} />
            ))}
          </div>
        </Checkbox.Group>
        <div className={styles.buttons}>
          <ReasonedButton
            reason={reason ?? (isSame ? 'It is set like this.' : null)}
            loading={update.isPending}
            onClick={() =>
              update.mutate(
                { body: { blocked: wanted } },
                { onSuccess: () => notifyDone('What is closed is set.'), onError: notifyProblem },
              )
            }
          >
            Save
          </ReasonedButton>
        </div>
      </div>
    </Card>
  );
}

function Accounts({ versions }: { versions: readonly Version[] }) {
  const { agreement: named, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const newest = versions.filter(({ accounts }) => accounts !== null);
  const agreement = newest.find((each) => each.agreement === named)?.agreement ?? newest[0]?.agreement ?? '';
  const set = (change: Partial<typeof filters & { agreement: string }>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const input = { params: { agreement }, query: filters };
  const list = usePages(listAgreementAccounts, input, { enabled: agreement !== '' });
  return (
    <Card
      title="Who has accepted"
      side={
        <Button component="a" download href={client.url(downloadAgreementAccounts, input)}>
          Export CSV
        </Button>
      }
    >
      <FilterChips>
        {newest.length > 1 && (
          <SelectChip
            label="Text"
            value={agreement}
            options={newest.map((each) => ({ value: each.agreement, label: each.title }))}
            onChange={(value) => set(value === undefined ? {} : { agreement: value })}
          />
        )}
        <SearchChip
          label="Search accounts"
          placeholder="Name, identifier"
          value={filters.search}
          onChange={(search) => set({ search })}
        />
        <SelectChip
          label="State"
          value={filters.standing}
          options={standingOptions}
          onChange={(standing) => set({ standing })}
        />
      </FilterChips>
      <DataTable
        label="Accounts"
        columns={accountColumns}
        rows={list.items}
        rowKey={({ accountId }) => accountId}
        {...list.table}
        empty={<EmptyState title="No account stands like this" />}
      />
    </Card>
  );
}
