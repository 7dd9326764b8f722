import { proposeSplit } from '@estover/protocol';
import { MultiSelect, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { type AccountRoles, AccountRolesChoice } from './AccountRolesChoice.tsx';
import styles from './account-moves.module.css';
import { blockedBy } from './blocked-by.ts';
import { ProposalSteps } from './ProposalSteps.tsx';

const empty = { name: '', mailDomain: '', prefix: '', person: '', email: '' };
type Draft = typeof empty;

const fields: readonly [keyof Draft, label: string, description: string, pointer: string][] = [
  ['name', 'Name of the new account', 'What people see.', '/newAccount/name'],
  [
    'mailDomain',
    'Its mail domain',
    'Of the company that gets it, such as example.com.',
    '/newAccount/mailDomain',
  ],
  ['prefix', 'Prefix (optional)', 'One word before the mail domain, such as lab.', '/newAccount/prefix'],
  ['person', 'Its first administrator', 'Their name.', '/newAccount/administrator/name'],
  [
    'email',
    'Their mail address',
    'At the mail domain. They are asked for consent.',
    '/newAccount/administrator/email',
  ],
];
const marked = fields.map(([, , , pointer]) => pointer);

/** Three steps on one page: choose what goes and who gets it, look at what would happen, and ask. */
export default function ProposeSplitPage() {
  const { accountId, name, reasonAgainst } = useAccount();
  const navigate = useNavigate();
  const virtualAccounts = useVirtualAccounts();
  const [virtualAccountIds, setVirtualAccountIds] = useState<string[]>([]);
  const [draft, setDraft] = useState<Draft>(empty);
  const [accountRoles, setAccountRoles] = useState<AccountRoles>('drop');
  const [reason, setReason] = useState('');
  const propose = useAction(proposeSplit);
  const notAllowed = reasonAgainst('manage-account-settings');
  const params = { accountId };
  const body = {
    virtualAccountIds,
    newAccount: {
      name: draft.name.trim(),
      mailDomain: draft.mailDomain.trim(),
      ...(draft.prefix.trim() === '' ? {} : { prefix: draft.prefix.trim() }),
      administrator: { name: draft.person.trim(), email: draft.email.trim() },
    },
    accountRoles,
  };
  const missing =
    virtualAccountIds.length === 0
      ? 'Choose virtual accounts first.'
      : fields.some(([field]) => field !== 'prefix' && draft[field].trim() === '') ||
          !draft.email.includes('@')
        ? 'Say which account gets them, and who administers it.'
        : null;
  const preview = useDryRun(
    proposeSplit,
    missing === null && notAllowed === null ? { params, body: { ...body, reason: 'Preview' } } : null,
  );
  const found = preview.error === null ? preview.data : undefined;
  const blocked =
    notAllowed ??
    missing ??
    blockedBy(found?.preview, preview.isPending) ??
    (reason.trim() === '' ? 'Say why, for the other side.' : null);
  const input = { params, body: { ...body, reason: reason.trim() } };
  const open = (moveId: string) => {
    const { to, params: at = {} } = paths.accountMove(moveId);
    void navigate({ to, params: at });
  };
  const link = propose.data?.invitationLink ?? null;
  return (
    <>
      <PageHead
        title="Split off a new account"
        sentence={`Virtual accounts of ${name} go into a new account, once its first administrator consents.`}
        back={{ to: paths.mergeAndSplit(accountId), label: 'Merge and split' }}
      />
      <div className={styles.page}>
        {notAllowed !== null && <p>{notAllowed}</p>}
        <Card title="1. Choose" padded>
          <div className={styles.form}>
            <MultiSelect
              label="Virtual accounts"
              description="Everything nested in them goes along."
              data={virtualAccounts
                .filter(({ isDefault }) => !isDefault)
                .map(({ virtualAccountId, path }) => ({ value: virtualAccountId, label: formatPath(path) }))}
              limit={100}
              searchable
              value={virtualAccountIds}
              onChange={setVirtualAccountIds}
            />
            {fields.map(([field, label, description, pointer]) => (
              <TextInput
                key={field}
                label={label}
                description={description}
                maxLength={254}
                value={draft[field]}
                onChange={(event) => {
                  const typed = event.currentTarget.value;
                  setDraft((before) => ({ ...before, [field]: typed }));
                }}
                error={fieldProblem(propose.error ?? preview.error, pointer)}
              />
            ))}
            <AccountRolesChoice value={accountRoles} onChange={setAccountRoles} />
          </div>
        </Card>
        <ProposalSteps
          preview={{ found: found?.preview, error: preview.error, missing }}
          why={{
            description: 'Whoever is asked reads it, and it stands in the events.',
            value: reason,
            onChange: setReason,
          }}
          ask={{
            label: `Ask to split ${count(found?.preview.totalVirtualAccounts ?? virtualAccountIds.length, 'virtual account')} off`,
            blocked,
            isPending: propose.isPending,
            error: propose.error,
            onAsk: () =>
              propose.mutate(input, {
                onSuccess: ({ move, invitationLink }) => {
                  notifyDone('Asked. The first administrator hears of it by mail.');
                  if (invitationLink === null) open(move.moveId);
                },
              }),
          }}
          marked={marked}
          call={<ApiCall operation={proposeSplit} input={input} />}
        />
      </div>
      {link !== null && (
        <SecretOnce
          title={`Asked ${draft.person.trim()}`}
          what="invitation link"
          secret={link}
          onClose={() => open(propose.data?.move.moveId ?? '')}
        >
          <p>
            There is no mail server, so give it to {draft.email.trim()} yourself. They choose a password with
            it.
          </p>
        </SecretOnce>
      )}
    </>
  );
}
