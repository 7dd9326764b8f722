import { type AnswerOf, deleteGroup, listGroupPeople, removeFromGroup } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count, formatDay } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { shown } from '../../shown.ts';
import { scopeInWords } from '../people/access-words.ts';
import styles from '../people/people.module.css';
import { AddToGroupDialog } from './AddToGroupDialog.tsx';
import { GroupDialog } from './GroupDialog.tsx';
import { type Group, hasEnded, keysEnded } from './group-words.ts';

type Member = AnswerOf<typeof listGroupPeople>['items'][number];

/** One group: what it gives, and who is in it. */
export function GroupPanel({ group }: { group: Group }) {
  const account = useAccount();
  const { accountId } = account;
  const virtualAccounts = useVirtualAccounts();
  const [doing, setDoing] = useState<'change' | 'add' | 'delete' | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const people = usePages(listGroupPeople, { params: { accountId, groupId: group.groupId } });
  const reason = account.reasonAgainst('manage-people');
  const ended = hasEnded(group) ? 'The role of the group has ended. Give it a later end first.' : null;
  const close = () => setDoing(null);
  return (
    <>
      <Facts
        facts={[
          ['Role', roleNames[group.role]],
          ['In', scopeInWords(group.scope, virtualAccounts)],
          ['Ends', group.until === null ? 'never' : formatDay(group.until)],
          group.provisioned ? ['People', 'kept by the identity provider'] : null,
          [
            'Made',
            <span key="made">
              <Moment at={group.madeAt} /> by {group.madeBy}
            </span>,
          ],
        ]}
      />
      <div className={`${styles.ask} ${styles.actions}`}>
        <ReasonedButton size="xs" reason={reason} onClick={() => setDoing('change')}>
          Change…
        </ReasonedButton>
        <ReasonedButton size="xs" color="bad" reason={reason} onClick={() => setDoing('delete')}>
          Delete…
        </ReasonedButton>
      </div>
      <PanelSection title={`In it: ${count(group.people, 'person', 'people')}`}>
        <ProblemNotice error={people.error} onRetry={people.retry} />
        <ul className={styles.grants} aria-label={`People in ${group.name}`}>
          {people.items.map((person) => (
            <li key={person.personId} className={styles.grant}>
              <div>
                <p>
                  <PlaceLink to={paths.people(accountId, { search: person.email, open: person.personId })}>
                    {shown(person.name)}
                  </PlaceLink>
                </p>
                <small>
                  {person.name !== person.email && <>{shown(person.email)} · </>}
                  {person.status === 'invited' && 'invited, no password yet · '}
                  added <Moment at={person.addedAt} /> by {person.addedBy}
                </small>
              </div>
              <ReasonedButton
                size="xs"
                color="bad"
                reason={reason}
                aria-label={`Take out ${person.name}`}
                onClick={() => setRemoving(person)}
              >
                Take out…
              </ReasonedButton>
            </li>
          ))}
          <li className={styles.grant}>
            <ReasonedButton reason={reason ?? ended} onClick={() => setDoing('add')}>
              Add people…
            </ReasonedButton>
          </li>
        </ul>
        {people.first !== undefined && people.items.length === 0 && (
          <EmptyState title="Nobody is in it yet">Add people: each gets the role at once.</EmptyState>
        )}
        {people.hasMore && (
          <div className={styles.ask}>
            <Button size="xs" loading={people.isReadingMore} onClick={people.readMore}>
              Show more
            </Button>
          </div>
        )}
      </PanelSection>
      {doing === 'change' && <GroupDialog group={group} onClose={close} />}
      {doing === 'add' && <AddToGroupDialog group={group} onClose={close} />}
      {doing === 'delete' && <DeleteDialog group={group} onClose={close} />}
      {removing !== null && (
        <TakeOutDialog group={group} person={removing} onClose={() => setRemoving(null)} />
      )}
    </>
  );
}

function TakeOutDialog(props: { group: Group; person: Member; onClose: () => void }) {
  const { group, person, onClose } = props;
  const { accountId } = useAccount();
  const takeOut = useAction(removeFromGroup);
  const input = { params: { accountId, groupId: group.groupId, personId: person.personId } };
  return (
    <ConfirmDialog
      title={`Take ${person.name} out of ${group.name}`}
      act={`Take ${person.name} out`}
      destructive
      acting={takeOut.isPending}
      error={takeOut.error}
      onClose={onClose}
      onAct={() =>
        takeOut.mutate(input, {
          onSuccess: ({ apiKeysRevoked }) => {
            notifyDone(`${person.name} is out of ${group.name}.${keysEnded(apiKeysRevoked)}`);
            onClose();
          },
        })
      }
      call={{ operation: removeFromGroup, input }}
    >
      <p>
        They lose at once what the group gives, unless they have it otherwise, too. API keys that they could
        not make any more end with it.
      </p>
    </ConfirmDialog>
  );
}

function DeleteDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { accountId } = useAccount();
  const navigate = useNavigate();
  const remove = useAction(deleteGroup);
  const input = { params: { accountId, groupId: group.groupId } };
  return (
    <ConfirmDialog
      title={`Delete ${group.name}`}
      act={`Delete ${group.name}`}
      typeName={group.name}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: ({ apiKeysRevoked }) => {
            notifyDone(`The group ${group.name} is deleted.${keysEnded(apiKeysRevoked)}`);
            onClose();
            const { to, params } = paths.groups(accountId);
            void navigate({ to, params: params ?? {}, replace: true });
          },
        })
      }
      call={{ operation: deleteGroup, input }}
    >
      <p>
        {group.people === 0
          ? 'Nobody is in it.'
          : `${count(group.people, 'person loses', 'people lose')} at once what it gives. API keys that they could not make any more end with it.`}
      </p>
    </ConfirmDialog>
  );
}
