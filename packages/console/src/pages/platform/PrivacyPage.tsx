import {
  type AnswerOf,
  exportPersonData,
  listAllPeople,
  listRemovals,
  removePerson,
} from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip } from '../../parts/FilterChips.tsx';
import { Moment, TagText } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { saveJson } from '../../save-file.ts';
import { shown } from '../../shown.ts';
import styles from '../agreements/agreements.module.css';

type Person = AnswerOf<typeof listAllPeople>['items'][number];
type Removal = AnswerOf<typeof listRemovals>['items'][number];

const route = getRouteApi('/signed-in/platform/privacy');

const columnsWith = (
  reason: string | null,
  act: { save: (person: Person) => void; remove: (person: Person) => void },
): Column<Person>[] => [
  { key: 'name', title: 'Person', cell: ({ name, email }) => <TwoLines name={name} below={email} /> },
  { key: 'accounts', title: 'Roles in', cell: ({ accounts }) => count(accounts, 'account') },
  { key: 'since', title: 'Known since', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  {
    key: 'actions',
    title: 'Actions',
    cell: (person) => (
      <span className={styles.buttons}>
        <ReasonedButton
          size="xs"
          reason={reason}
          aria-label={`Export ${shown(person.email)}`}
          onClick={() => act.save(person)}
        >
          Export…
        </ReasonedButton>
        <ReasonedButton
          size="xs"
          color="bad"
          reason={reason}
          aria-label={`Remove ${shown(person.email)}`}
          onClick={() => act.remove(person)}
        >
          Remove…
        </ReasonedButton>
      </span>
    ),
  },
];

const removalColumns: Column<Removal>[] = [
  {
    key: 'who',
    title: 'Called since',
    cell: ({ pseudonym, personId }) => <TwoLines name={pseudonym} below={<TagText>{personId}</TagText>} />,
  },
  {
    key: 'by',
    title: 'Removed by',
    cell: ({ removedBy }) => (removedBy === 'operator' ? 'an operator' : 'themselves'),
  },
  { key: 'at', title: 'Removed', cell: ({ removedAt }) => <Moment at={removedAt} /> },
  {
    key: 'done',
    title: 'Name out of all texts',
    cell: ({ textsDoneAt }) => <Moment at={textsDoneAt} absent="being done" />,
  },
];

/** For whoever answers what is stored about somebody, and removes who wants to be removed. */
export default function PrivacyPage() {
  const platform = usePlatform();
  const { search } = route.useSearch();
  const navigate = route.useNavigate();
  const people = usePages(listAllPeople, { query: { search } });
  const removals = usePages(listRemovals, {});
  const [saving, setSaving] = useState<Person | null>(null);
  const [removing, setRemoving] = useState<Person | null>(null);
  const reason = platform.reasonAgainst('manage-privacy');
  return (
    <>
      <PageHead
        title="People and privacy"
        sentence="Whoever has a sign-in sees and removes what is stored about them on their own page; here it is done for those who ask by other ways."
      />
      <div className={styles.page}>
        <Card>
          <FilterChips>
            <SearchChip
              label="Search people"
              placeholder="Name, mail address"
              value={search}
              onChange={(words) => void navigate({ search: { search: words }, replace: true })}
            />
          </FilterChips>
          <DataTable
            label="People"
            columns={columnsWith(reason, { save: setSaving, remove: setRemoving })}
            rows={people.items}
            rowKey={({ personId }) => personId}
            {...people.table}
            empty={<EmptyState title="Nobody has this name or address" />}
          />
        </Card>
        <Card title="Removed">
          <DataTable
            label="Removals"
            columns={removalColumns}
            rows={removals.items}
            rowKey={({ personId }) => personId}
            {...removals.table}
            empty={
              <EmptyState title="Nobody was removed yet">
                After a backup is restored, whoever was removed since is removed again.
              </EmptyState>
            }
          />
        </Card>
      </div>
      {saving !== null && <ExportDialog person={saving} onClose={() => setSaving(null)} />}
      {removing !== null && <RemoveDialog person={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

const Reason = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => (
  <TextInput
    label="Reason"
    description="It is kept in the events."
    maxLength={500}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
  />
);

function ExportDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const read = useAction(exportPersonData);
  const input = { params: { personId: person.personId }, body: { reason: reason.trim() } };
  return (
    <FormDialog
      title={`What is stored about ${shown(person.email)}`}
      act="Export JSON"
      blocked={reason.trim() === '' ? 'Give a reason first.' : null}
      acting={read.isPending}
      error={read.error}
      onClose={onClose}
      onAct={() =>
        read.mutate(input, {
          onSuccess: ({ data }) => {
            saveJson(`estover-data-${person.personId}.json`, data);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={exportPersonData} input={input} />}
    >
      <p>One file with everything that is theirs. Make sure that it reaches nobody else.</p>
      <Reason value={reason} onChange={setReason} />
    </FormDialog>
  );
}

function RemoveDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const remove = useAction(removePerson);
  const input = {
    params: { personId: person.personId },
    body: { confirmation: person.email, reason: reason.trim() },
  };
  return (
    <ConfirmDialog
      title={`Remove ${person.email}`}
      act="Remove this person"
      typeName={shown(person.email)}
      blocked={reason.trim() === '' ? 'Give a reason first.' : null}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: ({ removal }) => {
            notifyDone(`They are called ${removal.pseudonym} from now on.`);
            onClose();
          },
        })
      }
      call={{ operation: removePerson, input }}
    >
      <p>
        Their sessions, roles, groups, passkeys and the API keys they made end now. Their name leaves all
        texts within minutes. It cannot be undone.
      </p>
      <Reason value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}
