import { type AccountStatus, becomeStatus } from '@estover/domain/accounts';
import { closeAccountAsOperator, reactivateAccount, suspendAccount } from '@estover/protocol';
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem } from '../../problems.ts';
import type { Account } from './AccountsPage.tsx';
import styles from './platform.module.css';

/** What an operator does with an account: suspend it, make it active again, close it. */
export function StatusActions({ account }: { account: Account }) {
  const platform = usePlatform();
  const reactivate = useAction(reactivateAccount);
  const [dialog, setDialog] = useState<'suspend' | 'close' | null>(null);
  const reasonAgainst = (to: AccountStatus) =>
    platform.reasonAgainst('manage-accounts') ??
    (becomeStatus(account.status, to).ok ? null : `The account is ${account.status}.`);
  return (
    <div className={styles.mail}>
      <ProblemNotice error={reactivate.error} />
      <div className={styles.mailActions}>
        {account.status === 'suspended' ? (
          <ReasonedButton
            variant="filled"
            reason={reasonAgainst('active')}
            loading={reactivate.isPending}
            onClick={() =>
              reactivate.mutate(
                { params: { accountId: account.accountId } },
                {
                  onSuccess: ({ deliveredLines }) =>
                    notifyDone(
                      `${account.name} is active again; ${count(deliveredLines, 'order line')} delivered.`,
                    ),
                },
              )
            }
          >
            Reactivate
          </ReasonedButton>
        ) : (
          <ReasonedButton reason={reasonAgainst('suspended')} onClick={() => setDialog('suspend')}>
            Suspend…
          </ReasonedButton>
        )}
        <ReasonedButton reason={reasonAgainst('closed')} onClick={() => setDialog('close')}>
          Close…
        </ReasonedButton>
      </div>
      {dialog === 'suspend' && <SuspendDialog account={account} onClose={() => setDialog(null)} />}
      {dialog === 'close' && <CloseDialog account={account} onClose={() => setDialog(null)} />}
    </div>
  );
}

interface DialogProps {
  account: Account;
  onClose: () => void;
}

function SuspendDialog({ account, onClose }: DialogProps) {
  const suspend = useAction(suspendAccount);
  const [reason, setReason] = useState('');
  const input = { params: { accountId: account.accountId }, body: { reason: reason.trim() } };
  return (
    <ConfirmDialog
      title={`Suspend ${account.name}`}
      act={`Suspend ${account.name}`}
      destructive
      blocked={reason.trim() === '' ? 'Write the reason first.' : null}
      acting={suspend.isPending}
      error={suspend.error}
      onClose={onClose}
      onAct={() =>
        suspend.mutate(input, {
          onSuccess: () => {
            notifyDone(`${account.name} is suspended; its administrators get the reason by mail.`);
            onClose();
          },
        })
      }
      call={{ operation: suspendAccount, input }}
    >
      <p>
        Its people can read it and change nothing. Product instances get no registration and no authorization,
        and orders wait, until you reactivate it.
      </p>
      <ReasonField value={reason} onChange={setReason} error={suspend.error} />
    </ConfirmDialog>
  );
}

function CloseDialog({ account, onClose }: DialogProps) {
  const close = useAction(closeAccountAsOperator);
  const [reason, setReason] = useState('');
  const params = { accountId: account.accountId };
  const input = { params, body: { reason: reason.trim() } };
  const preview = useDryRun(closeAccountAsOperator, {
    params,
    body: { reason: 'A look at what is in the way' },
  });
  const inTheWay =
    preview.error !== null
      ? 'Something is in the way.'
      : preview.data === undefined
        ? 'Looking whether it is empty.'
        : null;
  return (
    <ConfirmDialog
      title={`Close ${account.name}`}
      act={`Close ${account.name}`}
      typeName={account.name}
      blocked={inTheWay ?? (reason.trim() === '' ? 'Write the reason first.' : null)}
      acting={close.isPending}
      error={close.error ?? preview.error}
      onClose={onClose}
      onAct={() =>
        close.mutate(input, {
          onSuccess: () => {
            notifyDone(`${account.name} is closed.`);
            onClose();
          },
        })
      }
      call={{ operation: closeAccountAsOperator, input }}
    >
      <p>It can still be read. Its identifier stays taken, and nothing opens it again.</p>
      <ReasonField value={reason} onChange={setReason} error={close.error} />
    </ConfirmDialog>
  );
}

function ReasonField(props: { value: string; onChange: (reason: string) => void; error: unknown }) {
  return (
    <Textarea
      label="Reason"
      description="Its administrators read it in a mail, and its people in the account."
      autosize
      minRows={2}
      maxLength={500}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value.replaceAll('\n', ' '))}
      error={fieldProblem(props.error, '/reason')}
      data-autofocus
    />
  );
}
