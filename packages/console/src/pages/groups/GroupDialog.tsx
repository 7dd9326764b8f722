import { createGroup, updateGroup } from '@estover/protocol';
import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { InvitationLinks } from '../people/InvitationLinks.tsx';
import {
  leastRights,
  RoleAndScope,
  type RoleAndScopeDraft,
  scopeMissing,
  useIsAdministrator,
} from '../people/RoleAndScope.tsx';
import { type Group, keysEnded } from './group-words.ts';

interface GroupDialogProps {
  /** The group that is changed; without one a new group is made. */
  group?: Group;
  onClose: () => void;
  onMade?: (groupId: string) => void;
}

/** Makes a group, or changes what it is called and what it gives. */
export function GroupDialog({ group, onClose, onMade }: GroupDialogProps) {
  const { accountId } = useAccount();
  const isAdministrator = useIsAdministrator();
  const make = useAction(createGroup);
  const change = useAction(updateGroup);
  const [name, setName] = useState(group?.name ?? '');
  const [draft, setDraft] = useState<RoleAndScopeDraft>(() => group ?? leastRights(isAdministrator));
  const dayBefore = group?.until?.slice(0, 10) ?? '';
  const [until, setUntil] = useState(dayBefore);
  const [provisioned, setProvisioned] = useState(group?.provisioned ?? false);
  const end = until === '' ? null : `${until}T23:59:59Z`;
  const body = { name: name.trim(), role: draft.role, scope: draft.scope };
  const making = { params: { accountId }, body: { ...body, ...(end === null ? {} : { until: end }) } };
  const changing = {
    params: { accountId, groupId: group?.groupId ?? '' },
    // An end that nobody touched stays to the second.
    body: {
      ...body,
      ...(until === dayBefore ? {} : { until: end }),
      ...(provisioned === group?.provisioned ? {} : { provisioned }),
    },
  };
  const error = group === undefined ? make.error : change.error;
  const invitedAgain = change.data?.invitedAgain ?? [];
  if (invitedAgain.some(({ invitationLink }) => invitationLink !== null)) {
    return (
      <Modal
        opened
        onClose={onClose}
        title={`${name.trim()} is changed`}
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <div className={dialogs.body}>
          <p>Whoever was invited and has not come yet needs a new link, for what the group gives now.</p>
          <InvitationLinks people={invitedAgain} />
          <div className={dialogs.actions}>
            <Button variant="filled" onClick={onClose}>
              I have kept them
            </Button>
          </div>
        </div>
      </Modal>
    );
  }
  return (
    <FormDialog
      title={group === undefined ? 'New group' : `Change ${group.name}`}
      act={group === undefined ? `Make ${name.trim() || 'the group'}` : `Change ${group.name}`}
      blocked={name.trim() === '' ? 'Write a name first.' : scopeMissing(draft)}
      acting={make.isPending || change.isPending}
      error={error}
      marked={['/name', '/until']}
      onClose={onClose}
      onAct={() => {
        if (group === undefined) {
          make.mutate(making, {
            onSuccess: (answer) => {
              notifyDone(`The group ${answer.group.name} is made. Add people to it.`);
              onClose();
              onMade?.(answer.group.groupId);
            },
          });
          return;
        }
        change.mutate(changing, {
          onSuccess: (answer) => {
            notifyDone(`The group ${answer.group.name} is changed.${keysEnded(answer.apiKeysRevoked)}`);
            if (answer.invitedAgain.every(({ invitationLink }) => invitationLink === null)) onClose();
          },
        });
      }}
      apiCall={
        group === undefined ? (
          <ApiCall operation={createGroup} input={making} />
        ) : (
          <ApiCall operation={updateGroup} input={changing} />
        )
      }
    >
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(error, '/name')}
        data-autofocus
      />
      <RoleAndScope value={draft} onChange={setDraft} />
      <TextInput
        type="date"
        label="Until (optional)"
        description="The role ends at the end of this day, UTC, for everybody in the group."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldProblem(error, '/until')}
      />
      {group !== undefined && (
        <Checkbox
          label="Provisioned by the identity provider"
          description="It says who is in the group (SCIM); the role and the scope stay yours."
          checked={provisioned}
          onChange={(event) => setProvisioned(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
