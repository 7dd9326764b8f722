import { type AccountAction, accountActions } from '@estover/domain/access';
import { type AnswerOf, explainAccess } from '@estover/protocol';
import { Modal, Select } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { actionWords } from '../../action-words.ts';
import { useOperation } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { StatePill } from '../../parts/figures.tsx';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { grantInWords, type Person } from './access-words.ts';
import styles from './people.module.css';

/** Why somebody may do something at a virtual account: yes or no, and through which grants and groups. */
export function WhyDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  useFocusReturn();
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const [action, setAction] = useState<AccountAction>('view-inventory');
  const [place, setPlace] = useState<string | null>(null);
  const input = {
    params: { accountId, personId: person.personId },
    query: { action, ...(place === null ? {} : { virtualAccountId: place }) },
  };
  const asked = useOperation(explainAccess, input);
  const chosen = virtualAccounts.find(({ virtualAccountId }) => virtualAccountId === place);
  return (
    <Modal opened onClose={onClose} title={`What ${person.name} may do, and why`} size="md">
      <div className={dialogs.body}>
        <Select
          label="May they"
          value={action}
          allowDeselect={false}
          data={accountActions.map((one) => ({ value: one, label: actionWords[one] }))}
          onChange={(next) => next !== null && setAction(next as AccountAction)}
          data-autofocus
        />
        <VirtualAccountSelect
          label="Where"
          placeholder="In the account as a whole"
          value={place}
          onChange={setPlace}
          clearable
        />
        <ProblemNotice error={asked.error} />
        {asked.data !== undefined && asked.error === null && (
          <Answer
            answer={asked.data}
            email={person.email}
            isStale={asked.isPlaceholderData}
            where={chosen === undefined ? 'in the account as a whole' : `in ${formatPath(chosen.path)}`}
          />
        )}
      </div>
      <ApiCall operation={explainAccess} input={input} />
    </Modal>
  );
}

function Answer(props: {
  answer: AnswerOf<typeof explainAccess>;
  email: string;
  isStale: boolean;
  where: string;
}) {
  const { answer, email, isStale, where } = props;
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const { allowed, mailProved, through, everythingSeen, soldBy } = answer;
  const isWaiting = allowed && !mailProved;
  return (
    <section className={styles.answer} aria-label="Answer" aria-live="polite" aria-busy={isStale}>
      <p>
        {allowed && mailProved ? (
          <StatePill tone="ok">Yes</StatePill>
        ) : (
          <StatePill tone="warn">{isWaiting ? 'Not yet' : 'No'}</StatePill>
        )}{' '}
        {allowed
          ? `They may ${where}${isWaiting ? ', once their address is proved' : ''}, ${through.length === 1 ? 'through this' : 'through each of these'}:`
          : `Nothing ${everythingSeen ? 'they have' : 'you see'} allows it ${where}.`}
      </p>
      {allowed && (
        <ul>
          {through.map((grant) => (
            <li key={grant.grantId}>
              {grantInWords({ ...grant, group: null }, virtualAccounts)}
              {grant.group !== null && (
                <>
                  , by the group{' '}
                  <PlaceLink to={paths.groups(accountId, { open: grant.group.groupId })}>
                    {grant.group.name}
                  </PlaceLink>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {isWaiting && (
        <p>
          Nobody has proved yet that {email} is theirs: until they do, with the invitation or the link in a
          mail, none of their roles counts.
        </p>
      )}
      {soldBy !== null && (
        <p className={styles.quiet}>
          They are limited to the lots sold by {soldBy}: they see these, and change nothing.
        </p>
      )}
      {!everythingSeen && (
        <p className={styles.quiet}>
          Roles that reach beyond what you may see are not counted: they may have more.
        </p>
      )}
    </section>
  );
}
