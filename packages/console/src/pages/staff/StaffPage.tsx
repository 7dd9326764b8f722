import { endStaff, listStaff } from '@estover/protocol';
import { useState } from 'react';
import { type Reason, useMe, usePlatform } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import styles from '../support/support.module.css';
import { ChangeStaffDialog } from './ChangeStaffDialog.tsx';
import { InviteStaffDialog } from './InviteStaffDialog.tsx';
import { StaffSettingsForm } from './StaffSettingsForm.tsx';
import { rolesInWords, type StaffPerson, staffInWords } from './staff-words.ts';

const columnsWith = (
  ownId: string,
  reason: Reason,
  act: { change: (person: StaffPerson) => void; end: (person: StaffPerson) => void },
): Column<StaffPerson>[] => {
  const against = ({ personId }: StaffPerson): Reason =>
    reason ?? (personId === ownId ? 'Nobody changes their own platform roles. Ask another operator.' : null);
  return [
    { key: 'name', title: 'Person', cell: ({ name, email }) => <TwoLines name={name} below={email} /> },
    { key: 'roles', title: 'Platform roles', cell: rolesInWords },
    {
      key: 'factor',
      title: 'Second factor',
      cell: ({ secondFactor, status }) =>
        status === 'invited' ? (
          <StatePill tone="neutral">Invited</StatePill>
        ) : (
          <StatePill tone={secondFactor ? 'ok' : 'warn'}>{secondFactor ? 'Codes' : 'None'}</StatePill>
        ),
    },
    { key: 'by', title: 'Given by', cell: ({ roles }) => roles[0]?.grantedBy ?? '–' },
    {
      key: 'actions',
      title: 'Actions',
      cell: (person) => (
        <span className={styles.buttons}>
          <ReasonedButton
            size="xs"
            reason={against(person)}
            aria-label={`Change the roles of ${person.email}`}
            onClick={() => act.change(person)}
          >
            Change…
          </ReasonedButton>
          <ReasonedButton
            size="xs"
            color="bad"
            reason={against(person)}
            aria-label={`End the roles of ${person.email}`}
            onClick={() => act.end(person)}
          >
            End…
          </ReasonedButton>
        </span>
      ),
    },
  ];
};

/** The publisher's people: what each may do on the platform, until when, and how safely they sign in. */
export default function StaffPage() {
  const platform = usePlatform();
  const me = useMe();
  const list = usePages(listStaff, {});
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<StaffPerson | null>(null);
  const [ending, setEnding] = useState<StaffPerson | null>(null);
  const reason = platform.reasonAgainst('manage-staff');
  const settings = list.first?.settings;
  return (
    <>
      <PageHead
        title="Staff"
        sentence={list.first === undefined ? '' : staffInWords(list.first)}
        actions={
          <ReasonedButton variant="filled" reason={reason} onClick={() => setInviting(true)}>
            Invite staff…
          </ReasonedButton>
        }
      />
      <div className={styles.page}>
        <Card>
          <DataTable
            label="Staff"
            columns={columnsWith(me.id, reason, { change: setChanging, end: setEnding })}
            rows={list.items}
            rowKey={({ personId }) => personId}
            {...list.table}
            empty={<EmptyState title="Nobody has a platform role yet" />}
          />
        </Card>
        {settings !== undefined && (
          <StaffSettingsForm key={JSON.stringify(settings)} settings={settings} reason={reason} />
        )}
      </div>
      {inviting && <InviteStaffDialog onClose={() => setInviting(false)} />}
      {changing !== null && <ChangeStaffDialog person={changing} onClose={() => setChanging(null)} />}
      {ending !== null && <EndDialog person={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function EndDialog({ person, onClose }: { person: StaffPerson; onClose: () => void }) {
  const end = useAction(endStaff);
  const input = { params: { personId: person.personId } };
  return (
    <ConfirmDialog
      title={`End the platform roles of ${person.name}`}
      act={`End ${rolesInWords(person)}`}
      destructive
      acting={end.isPending}
      error={end.error}
      onClose={onClose}
      onAct={() =>
        end.mutate(input, {
          onSuccess: () => {
            notifyDone(`${person.name} has no platform role any more.`);
            onClose();
          },
        })
      }
      call={{ operation: endStaff, input }}
    >
      <p>
        It holds at once, in sessions that are open too. Accounts that they have open as support close. They
        keep their sign-in, and what they are in accounts.
      </p>
    </ConfirmDialog>
  );
}
