import { keepAccess, removeFromGroup, revokeGrant } from '@estover/protocol';
import { roleNames, useAccount, useMe } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import styles from './access-review.module.css';
import { placesOf, type Reviewed } from './review-words.ts';

/** Keep, or take away: the two ends of a look. */
export function Decide({ reviewed, onRemove }: { reviewed: Reviewed; onRemove: () => void }) {
  const { accountId, reasonAgainst } = useAccount();
  const me = useMe();
  const keep = useAction(keepAccess);
  const { person, grant } = reviewed;
  const notAllowed = reasonAgainst('manage-people');
  const about = `the role ${roleNames[grant.role].toLowerCase()} of ${person.name}`;
  return (
    <div className={styles.decide}>
      <ReasonedButton
        size="xs"
        aria-label={`Keep ${about}`}
        reason={notAllowed ?? (person.personId === me.id ? 'Nobody reviews their own roles.' : null)}
        loading={keep.isPending}
        onClick={() =>
          keep.mutate(
            { params: { accountId }, body: { grantId: grant.grantId, personId: person.personId } },
            { onSuccess: () => notifyDone(`Kept ${about}.`), onError: notifyProblem },
          )
        }
      >
        Keep
      </ReasonedButton>
      <ReasonedButton
        size="xs"
        color="bad"
        aria-label={`Remove ${about}`}
        reason={notAllowed}
        onClick={onRemove}
      >
        Remove…
      </ReasonedButton>
    </div>
  );
}

export function RemoveDialog({ reviewed, onClose }: { reviewed: Reviewed; onClose: () => void }) {
  const { accountId } = useAccount();
  const revoke = useAction(revokeGrant);
  const takeOut = useAction(removeFromGroup);
  const { person, grant } = reviewed;
  const { group } = grant;
  const role = roleNames[grant.role].toLowerCase();
  const own = { params: { accountId, grantId: grant.grantId } };
  const onSuccess = () => {
    notifyDone(
      group === null ? `${person.name} is ${role} no more.` : `${person.name} is out of ${group.name}.`,
    );
    onClose();
  };
  const common = { title: `Take a role from ${person.name}`, destructive: true, onClose };
  if (group === null) {
    return (
      <ConfirmDialog
        {...common}
        act={`Take away ${role}`}
        acting={revoke.isPending}
        error={revoke.error}
        onAct={() => revoke.mutate(own, { onSuccess })}
        call={{ operation: revokeGrant, input: own }}
      >
        <p>
          {person.name} is {role} in: {placesOf(reviewed)}. Their open sessions lose it at once, and API keys
          they made with it end.
        </p>
      </ConfirmDialog>
    );
  }
  const byGroup = { params: { accountId, groupId: group.groupId, personId: person.personId } };
  return (
    <ConfirmDialog
      {...common}
      act={`Take ${person.name} out of ${group.name}`}
      acting={takeOut.isPending}
      error={takeOut.error}
      onAct={() => takeOut.mutate(byGroup, { onSuccess })}
      call={{ operation: removeFromGroup, input: byGroup }}
    >
      <p>
        {person.name} is {role} by the group {group.name}. Taken out of it they lose the role at once, and API
        keys they made with it end.
      </p>
    </ConfirmDialog>
  );
}
