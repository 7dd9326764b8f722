import { type apiKey, listApiKeys, revokeApiKey } from '@estover/protocol';
import { type ReactNode, useState } from 'react';
import type { z } from 'zod';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count, formatShortDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { useVirtualAccounts, type VirtualAccount } from '../../parts/virtual-accounts.ts';
import { scopeInWords } from '../people/access-words.ts';
import styles from './api-keys.module.css';
import { CreateApiKeyDialog } from './CreateApiKeyDialog.tsx';
import { RotateApiKeyDialog } from './RotateApiKeyDialog.tsx';

type ApiKey = z.infer<typeof apiKey>;

const names: Record<string, string> = roleNames;

const hasEnded = ({ revokedAt, expiresAt }: ApiKey): boolean =>
  revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());

function KeyPill({ apiKey: key }: { apiKey: ApiKey }) {
  if (key.revokedAt !== null) return <StatePill tone="neutral">Revoked</StatePill>;
  if (hasEnded(key)) return <StatePill tone="neutral">Expired</StatePill>;
  if (key.expiresAt !== null)
    return <StatePill tone="ok">Active to {formatShortDay(key.expiresAt)}</StatePill>;
  return <StatePill tone="ok">Active</StatePill>;
}

/** What a program names itself by when it asks for a token. */
function ClientId({ apiKey: key }: { apiKey: ApiKey }) {
  return (
    <span className={styles.clientId}>
      <TagText>{key.prefix}</TagText>
      <CopyButton value={key.apiKeyId} label={`Copy the client id of ${key.name}`} />
    </span>
  );
}

function LastUse({ apiKey: key }: { apiKey: ApiKey }) {
  return (
    <>
      <Moment at={key.lastUsedAt} />
      {key.lastUsedFrom !== null && ` from ${key.lastUsedFrom}`}
    </>
  );
}

const columnsWith = (
  virtualAccounts: readonly VirtualAccount[],
  actions: (key: ApiKey) => ReactNode,
): Column<ApiKey>[] => [
  {
    key: 'name',
    title: 'API client',
    cell: (key) => <TwoLines name={key.name} below={<ClientId apiKey={key} />} />,
  },
  {
    key: 'role',
    title: 'Role',
    cell: (key) => (
      <TwoLines name={names[key.role] ?? key.role} below={`in ${scopeInWords(key.scope, virtualAccounts)}`} />
    ),
  },
  { key: 'state', title: 'State', cell: (key) => <KeyPill apiKey={key} /> },
  {
    key: 'lastUsed',
    title: 'Last used',
    cell: (key) =>
      key.previousSecret === null ? (
        <LastUse apiKey={key} />
      ) : (
        <TwoLines
          name={<LastUse apiKey={key} />}
          below={
            <>
              old secret <Moment at={key.previousSecret.lastUsedAt} />, ends{' '}
              <Moment at={key.previousSecret.until} />
            </>
          }
        />
      ),
  },
  {
    key: 'created',
    title: 'Created',
    cell: (key) => (
      <>
        <Moment at={key.createdAt} /> by {key.createdBy}
      </>
    ),
  },
  { key: 'actions', title: 'Actions', cell: actions },
];

/** Programs with access: each has a role and scope like a person. */
export default function ApiKeysPage() {
  const account = useAccount();
  const { accountId } = account;
  const virtualAccounts = useVirtualAccounts();
  const list = usePages(listApiKeys, { params: { accountId } });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [rotating, setRotating] = useState<ApiKey | null>(null);
  const reason = account.reasonAgainst('manage-people');
  const active = list.items.filter((key) => !hasEnded(key)).length;
  const createButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setCreating(true)}>
      New API client…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="API clients"
        sentence={
          list.first === undefined
            ? ''
            : active === 0
              ? 'No program has access.'
              : `${count(active, 'program')} ${active === 1 ? 'has' : 'have'} access, each with a role like a person.`
        }
        actions={createButton}
      />
      {creating && <CreateApiKeyDialog onClose={() => setCreating(false)} />}
      {rotating !== null && <RotateApiKeyDialog apiKey={rotating} onClose={() => setRotating(null)} />}
      {revoking !== null && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
      <Card>
        <DataTable
          label="API clients"
          keyboard
          columns={columnsWith(virtualAccounts, (key) => (
            <span className={styles.actions}>
              <ReasonedButton
                size="xs"
                aria-label={`Rotate ${key.name}`}
                reason={reason ?? (hasEnded(key) ? 'It opens nothing any more.' : null)}
                onClick={() => setRotating(key)}
              >
                Rotate…
              </ReasonedButton>
              <ReasonedButton
                size="xs"
                color="bad"
                aria-label={`Revoke ${key.name}`}
                reason={reason ?? (hasEnded(key) ? 'It opens nothing any more.' : null)}
                onClick={() => setRevoking(key)}
              >
                Revoke…
              </ReasonedButton>
            </span>
          ))}
          rows={list.items}
          rowKey={(key) => key.apiKeyId}
          {...list.table}
          empty={
            <EmptyState title="There is no API client yet" action={createButton}>
              Everything this console does is in the API. A client lets a program do it, with a role and scope
              you choose.
            </EmptyState>
          }
        />
      </Card>
    </>
  );
}

function RevokeDialog({ apiKey: key, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { accountId } = useAccount();
  const revoke = useAction(revokeApiKey);
  const input = { params: { accountId, apiKeyId: key.apiKeyId } };
  return (
    <ConfirmDialog
      title={`Revoke ${key.name}`}
      act={`Revoke ${key.name}`}
      typeName={key.name}
      acting={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onAct={() =>
        revoke.mutate(input, {
          onSuccess: () => {
            notifyDone(`${key.name} is revoked.`);
            onClose();
          },
        })
      }
      call={{ operation: revokeApiKey, input }}
    >
      <p>
        Programs that use it are refused at once. It was last used <Moment at={key.lastUsedAt} />. It cannot
        be taken back: make a new client instead.
      </p>
    </ConfirmDialog>
  );
}
