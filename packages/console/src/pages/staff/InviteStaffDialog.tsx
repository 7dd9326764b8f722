import { type PlatformRole, platformRoles } from '@estover/domain/access';
import { inviteStaff } from '@estover/protocol';
import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { fieldProblem } from '../../problems.ts';
import { platformRoleNames } from './staff-words.ts';

const options = platformRoles.map((value) => ({ value, label: platformRoleNames[value] }));

/** The end of a day as an instant; null where no day was chosen. */
export const endOfDay = (day: string): string | null => (day === '' ? null : `${day}T23:59:59Z`);

/** Makes somebody staff, by mail address. */
export function InviteStaffDialog({ onClose }: { onClose: () => void }) {
  const invite = useAction(inviteStaff);
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<PlatformRole>('support');
  const [until, setUntil] = useState('');
  const body = {
    email: email.trim(),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    role,
    until: endOfDay(until),
  };
  const link = invite.data?.invitationLink ?? null;
  if (link !== null) {
    return (
      <SecretOnce title={`${body.email} is invited`} what="invitation link" secret={link} onClose={onClose}>
        <p>Send it to {body.email} by a way you trust. They choose a password with it.</p>
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title="Invite staff"
      act={`Invite as ${platformRoleNames[role].toLowerCase()}`}
      blocked={body.email === '' ? 'Write the mail address first.' : null}
      acting={invite.isPending}
      error={invite.error}
      marked={['/email', '/name', '/until']}
      onClose={onClose}
      onAct={() =>
        invite.mutate(
          { body },
          {
            onSuccess: ({ invitationLink, person }) => {
              if (invitationLink !== null) return;
              notifyDone(`${person.email} is ${platformRoleNames[role].toLowerCase()} now.`);
              onClose();
            },
          },
        )
      }
      apiCall={<ApiCall operation={inviteStaff} input={{ body }} />}
    >
      <TextInput
        label="Mail address"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/email')}
      />
      <TextInput
        label="Name"
        description="Until they choose one themselves."
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/name')}
      />
      <Select
        label="Platform role"
        allowDeselect={false}
        data={options}
        value={role}
        onChange={(value) => setRole((value ?? 'support') as PlatformRole)}
      />
      <TextInput
        label="Ends on"
        description="Nothing for no end."
        type="date"
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/until')}
      />
    </FormDialog>
  );
}
