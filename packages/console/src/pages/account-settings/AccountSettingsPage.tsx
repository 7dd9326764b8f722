import { type AnswerOf, getAccount, updateAccount } from '@estover/protocol';
import { Button, Radio, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { accountKindWords, accountStatusWords } from '../../account-kinds.ts';
import { useAction, useOperation } from '../../api.ts';
import { formatDay } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { TagText } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { useIsAdministrator } from '../people/RoleAndScope.tsx';
import styles from './account-settings.module.css';
import { CloseCard } from './CloseCard.tsx';
import { ProvisioningCard } from './ProvisioningCard.tsx';
import { UpgradeCard } from './UpgradeCard.tsx';

export type Account = AnswerOf<typeof getAccount>['account'];

/** What an account is called, how it treats product instances that go back in time, and who keeps its people. */
export default function AccountSettingsPage() {
  const { accountId } = useAccount();
  const isAdministrator = useIsAdministrator();
  const { data, error, refetch } = useOperation(getAccount, { params: { accountId } });
  return (
    <>
      <PageHead
        title="Settings"
        sentence={
          <>
            What is set here holds for the whole account.{' '}
            <PlaceLink to={paths.tags(accountId)}>Tags of virtual accounts</PlaceLink>
            {' · '}
            <PlaceLink to={paths.deliveryRules(accountId)}>Delivery rules</PlaceLink>
            {' · '}
            <PlaceLink to={paths.singleSignOn(accountId)}>Single sign-on</PlaceLink>
            {' · '}
            <PlaceLink to={paths.webhooks(accountId)}>Webhooks</PlaceLink>
            {' · '}
            <PlaceLink to={paths.addedAddresses(accountId)}>Added addresses</PlaceLink>
            {' · '}
            <PlaceLink to={paths.mergeAndSplit(accountId)}>Merge and split</PlaceLink>
          </>
        }
      />
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className={styles.page}>
          <SettingsForm key={`${data.account.name} ${data.account.sequencePolicy}`} account={data.account} />
          <About {...data} />
          {data.account.kind === 'limited-use' && <UpgradeCard account={data.account} />}
          {isAdministrator && <ProvisioningCard className={styles.wide} />}
          <CloseCard account={data.account} />
        </div>
      )}
    </>
  );
}

function SettingsForm({ account }: { account: Account }) {
  const { accountId, reasonAgainst } = useAccount();
  const update = useAction(updateAccount);
  const [name, setName] = useState(account.name);
  const [sequencePolicy, setSequencePolicy] = useState(account.sequencePolicy);
  const body = {
    ...(name.trim() === account.name ? {} : { name: name.trim() }),
    ...(sequencePolicy === account.sequencePolicy ? {} : { sequencePolicy }),
  };
  const isChanged = Object.keys(body).length > 0;
  const notAllowed = reasonAgainst('edit-account');
  const reason =
    notAllowed ??
    (isChanged ? (name.trim() === '' ? 'An account needs a name.' : null) : 'Nothing is changed yet.');
  const input = { params: { accountId }, body };
  return (
    <Card title="Account" padded>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null) update.mutate(input, { onSuccess: () => notifyDone('Settings saved.') });
        }}
      >
        <TextInput
          label="Name"
          description="What people see. The domain identifier stays."
          maxLength={120}
          readOnly={notAllowed !== null}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldProblem(update.error, '/name')}
        />
        <Radio.Group
          label="When a product instance’s sequence number goes back"
          description="That happens when a machine was cloned, or restored from a snapshot."
          value={sequencePolicy}
          onChange={(policy) => setSequencePolicy(policy === 'refuse' ? 'refuse' : 'flag')}
        >
          <div className={styles.choices}>
            <Radio
              value="flag"
              label="Flag it"
              description="It goes on working; an alert says that there may be two of it."
              disabled={notAllowed !== null}
            />
            <Radio
              value="refuse"
              label="Refuse it"
              description="It gets no authorization until it registers again; an alert says so."
              disabled={notAllowed !== null}
            />
          </div>
        </Radio.Group>
        <ProblemNotice error={update.error} marked={['/name']} />
        <div className={styles.actions}>
          {isChanged && (
            <Button
              type="button"
              onClick={() => {
                setName(account.name);
                setSequencePolicy(account.sequencePolicy);
              }}
            >
              Discard
            </Button>
          )}
          <ReasonedButton type="submit" variant="filled" reason={reason} loading={update.isPending}>
            Save the settings
          </ReasonedButton>
        </div>
      </form>
      {isChanged && <ApiCall operation={updateAccount} input={input} />}
    </Card>
  );
}

function About({ account, mergedInto, creator }: AnswerOf<typeof getAccount>) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ['Kind', accountKindWords[account.kind].name],
          ['Domain identifier', account.domainIdentifier],
          ['Status', accountStatusWords[account.status].label],
          account.statusReason === null ? null : ['Because', account.statusReason],
          mergedInto === null ? null : ['Merged into', `${mergedInto.name} (${mergedInto.domainIdentifier})`],
          ['Export category', account.exportCategory],
          ['Since', formatDay(account.createdAt)],
          creator === null ? null : ['Created by', creator.name],
          [
            'Account id',
            <span key="id" className={styles.id}>
              <TagText>{account.accountId}</TagText>
              <CopyButton value={account.accountId} label="Copy the account id" />
            </span>,
          ],
        ]}
      />
    </Card>
  );
}
