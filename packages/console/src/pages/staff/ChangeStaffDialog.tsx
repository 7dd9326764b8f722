import { type PlatformRole, platformRoles } from '@estover/domain/access';
import { updateStaff } from '@estover/protocol';
import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import styles from '../support/support.module.css';
import { endOfDay } from './InviteStaffDialog.tsx';
import { platformRoleNames, type StaffPerson } from './staff-words.ts';

/** Which platform roles somebody has, each with its end. */
export function ChangeStaffDialog({ person, onClose }: { person: StaffPerson; onClose: () => void }) {
  const update = useAction(updateStaff);
  const [ends, setEnds] = useState<Partial<Record<PlatformRole, string>>>(
    Object.fromEntries(person.roles.map(({ role, until }) => [role, until?.slice(0, 10) ?? ''])),
  );
  const roles = platformRoles.flatMap((role) => {
    const day = ends[role];
    if (day === undefined) return [];
    const before = person.roles.find((each) => each.role === role);
    // An end that was not touched stays to the second.
    const isSame = before !== undefined && (before.until?.slice(0, 10) ?? '') === day;
    return [{ role, until: isSame ? before.until : endOfDay(day) }];
  });
  const input = { params: { personId: person.personId }, body: { roles } };
  return (
    <FormDialog
      title={`Platform roles of ${person.name}`}
      act={`Save ${roles.length === 1 ? '1 role' : `${roles.length} roles`}`}
      blocked={roles.length === 0 ? 'To take all roles, end them.' : null}
      acting={update.isPending}
      error={update.error}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone(`The platform roles of ${person.name} are changed.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={updateStaff} input={input} />}
    >
      {platformRoles.map((role) => {
        const day = ends[role];
        return (
          <div key={role} className={styles.pair}>
            <Checkbox
              label={platformRoleNames[role]}
              checked={day !== undefined}
              onChange={(event) => {
                const { [role]: _, ...others } = ends;
                setEnds(event.currentTarget.checked ? { ...ends, [role]: '' } : others);
              }}
            />
            <TextInput
              label={`${platformRoleNames[role]} ends on`}
              type="date"
              disabled={day === undefined}
              value={day ?? ''}
              onChange={(event) => setEnds({ ...ends, [role]: event.currentTarget.value })}
            />
          </div>
        );
      })}
    </FormDialog>
  );
}
