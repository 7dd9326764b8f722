import { type AnswerOf, getUpgrade, upgradeAccount, withdrawUpgrade } from '@estover/protocol';
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount, useMe } from '../../account.tsx';
import { useAction, useDryRun, useOperation } from '../../api.ts';
import { formatDay } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem, isProblem } from '../../problems.ts';
import { shown } from '../../shown.ts';
import type { Account } from './AccountSettingsPage.tsx';
import styles from './account-settings.module.css';

/** An account for limited use becomes a customer account, once its administrator has an address of the company. */
export function UpgradeCard({ account }: { account: Account }) {
  const { accountId, reasonAgainst } = useAccount();
  const notAllowed = reasonAgainst('manage-account-settings');
  const params = { accountId };
  const waiting = useOperation(getUpgrade, { params }, { enabled: notAllowed === null });
  const request = waiting.data?.request ?? null;
  return (
    <Card title="Upgrade to a customer account" padded>
      {request === null ? <UpgradeForm account={account} /> : <WaitingUpgrade request={request} />}
    </Card>
  );
}

/** An upgrade that waits for an operator, and the button that takes it back. */
function WaitingUpgrade({ request }: { request: NonNullable<AnswerOf<typeof getUpgrade>['request']> }) {
  const { accountId, reasonAgainst } = useAccount();
  const withdraw = useAction(withdrawUpgrade);
  const input = { params: { accountId } };
  const { requesterEmail, domainIdentifier, endsAt } = request;
  const until = endsAt === null ? '' : ` If nobody answers, it expires on ${formatDay(endsAt)}.`;
  return (
    <div className={styles.form}>
      <p className={styles.quiet} role="status">
        {shown(requesterEmail)} asked for {domainIdentifier}. An operator looks at why it needs a prefix; its
        administrators hear of it by mail.{until} Until then nothing else can be asked for, and the account
        cannot be closed.
      </p>
      <ProblemNotice error={withdraw.error} />
      <div className={styles.actions}>
        <ReasonedButton
          reason={reasonAgainst('manage-account-settings')}
          loading={withdraw.isPending}
          onClick={() =>
            withdraw.mutate(input, {
              onSuccess: () => notifyDone(`The upgrade to ${domainIdentifier} is withdrawn.`),
            })
          }
        >
          Withdraw the upgrade
        </ReasonedButton>
      </div>
      <ApiCall operation={withdrawUpgrade} input={input} />
    </div>
  );
}

function UpgradeForm({ account }: { account: Account }) {
  const { accountId, reasonAgainst } = useAccount();
  const { email } = useMe();
  const upgrade = useAction(upgradeAccount);
  const [prefix, setPrefix] = useState('');
  const [justification, setJustification] = useState('');
  const [isBelow, setIsBelow] = useState(false);
  const hasPrefix = prefix.trim() !== '' || isBelow;
  const body = hasPrefix ? { prefix: prefix.trim(), justification: justification.trim() } : {};
  const input = { params: { accountId }, body };
  const notAllowed = reasonAgainst('manage-account-settings');
  const isComplete = !hasPrefix || justification.trim() !== '';
  const preview = useDryRun(upgradeAccount, notAllowed === null && isComplete ? input : null);
  // A mail domain below the company’s own is reviewed like a prefix; the first look says so.
  if (!isBelow && prefix.trim() === '' && isProblem(preview.error, 'justification-needed')) setIsBelow(true);
  const isPublic = isProblem(preview.error, 'public-mail-domain');
  const identifier = preview.data?.request?.domainIdentifier ?? preview.data?.account.domainIdentifier;
  const reason =
    notAllowed ??
    (!isComplete
      ? 'Say why it needs an account of its own.'
      : isPublic
        ? 'Needs an address of the company.'
        : preview.error !== null
          ? 'It cannot be upgraded like this.'
          : identifier === undefined
            ? 'Looking whether it can be upgraded.'
            : null);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason !== null) return;
        upgrade.mutate(input, {
          onSuccess: ({ request }) =>
            notifyDone(
              request === null
                ? `${account.name} is a customer account now.`
                : `Asked for ${request.domainIdentifier}; an operator reviews it.`,
            ),
        });
      }}
    >
      <p className={styles.quiet}>
        The mail domain of your address, {shown(email ?? '')}, becomes the account’s identifier in place of{' '}
        {account.domainIdentifier}, and the limits fall: any number of people and virtual accounts, groups and
        tags. It must be the company’s own.
      </p>
      <TextInput
        label="Prefix"
        description="Only where a part of the company needs an account of its own, such as lab. It is reviewed."
        maxLength={63}
        readOnly={notAllowed !== null}
        value={prefix}
        onChange={(event) => setPrefix(event.currentTarget.value)}
        error={fieldProblem(preview.error ?? upgrade.error, '/prefix')}
      />
      {hasPrefix && (
        <Textarea
          label="Why it needs an account of its own"
          autosize
          minRows={2}
          maxLength={1000}
          value={justification}
          onChange={(event) => setJustification(event.currentTarget.value.replaceAll('\n', ' '))}
          error={fieldProblem(upgrade.error, '/justification')}
        />
      )}
      {isPublic && (
        <p className={styles.quiet} role="status">
          Your address is at a public mail domain. Sign in with one of the company, or make somebody
          administrator who has one.
        </p>
      )}
      <ProblemNotice
        error={isComplete && notAllowed === null && !isPublic ? (upgrade.error ?? preview.error) : null}
        marked={['/prefix', '/justification']}
      />
      <div className={styles.actions}>
        <ReasonedButton type="submit" variant="filled" reason={reason} loading={upgrade.isPending}>
          {identifier === undefined || reason !== null ? 'Upgrade' : `Upgrade to ${identifier}`}
        </ReasonedButton>
      </div>
      {reason === null && <ApiCall operation={upgradeAccount} input={input} />}
    </form>
  );
}
