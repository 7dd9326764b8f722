import { becomeStatus } from '@estover/domain/accounts';
import { closeAccount, ProblemError } from '@estover/protocol';
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem, isProblem } from '../../problems.ts';
import type { Account } from './AccountSettingsPage.tsx';
import styles from './account-settings.module.css';

/** The end of an account: what closing means, what is in the way, and the button. */
export function CloseCard({ account }: { account: Account }) {
  const { accountId, reasonAgainst } = useAccount();
  const [closing, setClosing] = useState(false);
  const notAllowed: Reason =
    reasonAgainst('manage-account-settings') ??
    (becomeStatus(account.status, 'closed').ok ? null : `The account is ${account.status}.`);
  const body = { reason: 'A look at what is in the way' };
  const preview = useDryRun(closeAccount, notAllowed === null ? { params: { accountId }, body } : null);
  const isFull = isProblem(preview.error, 'account-not-empty');
  return (
    <Card title="Close the account" padded>
      <div className={styles.form}>
        <p className={styles.quiet}>
          Only an empty account is closed: without licenses, product instances, open tokens, and orders that
          are not delivered. It can still be read then; its identifier stays taken, and nothing opens it
          again.
        </p>
        {notAllowed === null && isFull && (
          <p className={styles.quiet} role="status">
            {preview.error instanceof ProblemError ? preview.error.problem.detail : ''}
          </p>
        )}
        <ProblemNotice error={notAllowed === null && !isFull ? preview.error : null} />
        <div className={styles.actions}>
          <ReasonedButton
            color="bad"
            reason={
              notAllowed ??
              (preview.error !== null
                ? isFull
                  ? 'The account is not empty.'
                  : 'It cannot be closed now.'
                : preview.data === undefined
                  ? 'Looking whether it is empty.'
                  : null)
            }
            onClick={() => setClosing(true)}
          >
            Close the account…
          </ReasonedButton>
        </div>
      </div>
      {closing && <CloseDialog account={account} onClose={() => setClosing(false)} />}
    </Card>
  );
}

function CloseDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const close = useAction(closeAccount);
  const [reason, setReason] = useState('');
  const input = { params: { accountId: account.accountId }, body: { reason: reason.trim() } };
  return (
    <ConfirmDialog
      title={`Close ${account.name}`}
      act={`Close ${account.name}`}
      typeName={account.name}
      blocked={reason.trim() === '' ? 'Write the reason first.' : null}
      acting={close.isPending}
      error={close.error}
      onClose={onClose}
      onAct={() =>
        close.mutate(input, {
          onSuccess: () => {
            notifyDone(`${account.name} is closed.`);
            onClose();
          },
        })
      }
      call={{ operation: closeAccount, input }}
    >
      <Textarea
        label="Reason"
        description="The account’s people read it."
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(close.error, '/reason')}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
