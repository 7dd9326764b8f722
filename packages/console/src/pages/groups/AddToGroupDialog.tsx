import { addToGroup } from '@estover/protocol';
import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { notifyDone } from '../../parts/notify.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { scopeInWords } from '../people/access-words.ts';
import { addressesIn } from '../people/addresses.ts';
import { InvitationLinks } from '../people/InvitationLinks.tsx';
import type { Group } from './group-words.ts';

/** Adds people to a group by mail address; who is new is invited. */
export function AddToGroupDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const add = useAction(addToGroup);
  const [text, setText] = useState('');
  const people = addressesIn(text);
  const input = { params: { accountId, groupId: group.groupId }, body: { people } };
  const amount = count(people.length, 'person', 'people');
  if (add.data?.people.some(({ invitationLink }) => invitationLink !== null)) {
    return (
      <Modal
        opened
        onClose={onClose}
        title={`They are in ${group.name}`}
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <div className={dialogs.body}>
          <InvitationLinks people={add.data.people} />
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
      title={`Add people to ${group.name}`}
      act={people.length === 0 ? 'Add people' : `Add ${amount}`}
      blocked={
        people.length === 0
          ? 'Write a mail address first.'
          : people.length > 200
            ? 'At most 200 people are added at once.'
            : null
      }
      acting={add.isPending}
      error={add.error}
      onClose={onClose}
      onAct={() =>
        add.mutate(input, {
          onSuccess: (answer) => {
            const added = answer.people.filter((person) => person.added).length;
            notifyDone(`${count(added, 'person was', 'people were')} added to ${group.name}.`);
            if (answer.people.every(({ invitationLink }) => invitationLink === null)) onClose();
          },
        })
      }
      apiCall={<ApiCall operation={addToGroup} input={input} />}
    >
      <p>
        Each becomes {roleNames[group.role].toLowerCase()} in {scopeInWords(group.scope, virtualAccounts)}.
      </p>
      <Textarea
        label="Mail addresses"
        description="One a line, or separated by commas; “Jo Petit <jo@company.example>” gives the name, too."
        autosize
        minRows={3}
        maxRows={12}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
