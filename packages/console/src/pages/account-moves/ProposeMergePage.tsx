import { proposeMerge } from '@estover/protocol';
import { Radio, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { paths } from '../../paths.ts';
import { type AccountRoles, AccountRolesChoice } from './AccountRolesChoice.tsx';
import styles from './account-moves.module.css';
import { blockedBy } from './blocked-by.ts';
import { ClashNames, namesOf } from './MovePreview.tsx';
import { ProposalSteps } from './ProposalSteps.tsx';

/** Three steps on one page: choose the other account, look at what would happen, and ask. */
export default function ProposeMergePage() {
  const { accountId, name, reasonAgainst } = useAccount();
  const navigate = useNavigate();
  const [otherAccount, setOtherAccount] = useState('');
  const [goes, setGoes] = useState<'this' | 'other'>('this');
  const [parentId, setParentId] = useState<string | null>(null);
  const [accountRoles, setAccountRoles] = useState<AccountRoles>('drop');
  const [names, setNames] = useState<Record<string, string>>({});
  const [reason, setReason] = useState('');
  const propose = useAction(proposeMerge);
  const notAllowed = reasonAgainst('manage-account-settings');
  const params = { accountId };
  const body = {
    otherAccount: otherAccount.trim(),
    goes,
    accountRoles,
    ...(goes === 'other' ? { parentId } : {}),
    names: namesOf(names),
  };
  const isNamed = body.otherAccount.includes('.') || body.otherAccount.length === 36;
  const missing = isNamed ? null : 'Name the other account first.';
  const preview = useDryRun(
    proposeMerge,
    missing === null && notAllowed === null ? { params, body: { ...body, reason: 'Preview' } } : null,
  );
  const input = { params, body: { ...body, reason: reason.trim() } };
  const found = preview.error === null ? preview.data : undefined;
  const blocked =
    notAllowed ??
    missing ??
    blockedBy(found?.preview, preview.isPending) ??
    (reason.trim() === '' ? 'Say why, for the other side.' : null);
  return (
    <>
      <PageHead
        title={`Merge ${name}`}
        sentence="You see what would happen; it happens only when an administrator of the other account consents."
        back={{ to: paths.mergeAndSplit(accountId), label: 'Merge and split' }}
      />
      <div className={styles.page}>
        {notAllowed !== null && <p>{notAllowed}</p>}
        <Card title="1. Choose" padded>
          <div className={styles.form}>
            <TextInput
              label="The other account"
              description="Its domain identifier, such as example.com."
              maxLength={253}
              value={otherAccount}
              onChange={(event) => setOtherAccount(event.currentTarget.value)}
            />
            <Radio.Group
              label="Which of the two goes"
              value={goes}
              onChange={(value) => setGoes(value === 'other' ? 'other' : 'this')}
            >
              <div className={styles.choices}>
                <Radio value="this" label={`${name} goes into the other one`} />
                <Radio value="other" label={`The other one comes into ${name}`} />
              </div>
            </Radio.Group>
            {goes === 'other' && (
              <VirtualAccountSelect
                label="Below (optional)"
                description="Where its virtual accounts come; at the top if you choose none."
                value={parentId}
                onChange={setParentId}
                clearable
              />
            )}
            <AccountRolesChoice value={accountRoles} onChange={setAccountRoles} />
            <ClashNames preview={found?.preview} names={names} onChange={setNames} />
          </div>
        </Card>
        <ProposalSteps
          preview={{ found: found?.preview, error: preview.error, missing }}
          why={{
            description: 'The other side reads it, and it stands in the events of both accounts.',
            value: reason,
            onChange: setReason,
          }}
          ask={{
            label: 'Ask for the merge',
            blocked,
            isPending: propose.isPending,
            error: propose.error,
            onAsk: () =>
              propose.mutate(input, {
                onSuccess: ({ move }) => {
                  notifyDone('Asked. The administrators of the other account hear of it by mail.');
                  const { to, params: at = {} } = paths.accountMove(move.moveId);
                  void navigate({ to, params: at });
                },
              }),
          }}
          call={<ApiCall operation={proposeMerge} input={input} />}
        />
      </div>
    </>
  );
}
