import { type AnswerOf, getProvisioning } from '@estover/protocol';
import { roleNames, useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import styles from './account-settings.module.css';

type Provisioning = AnswerOf<typeof getProvisioning>;
type Client = Provisioning['clients'][number];

const columns: Column<Client>[] = [
  { key: 'name', title: 'API client', cell: (client) => <b>{client.name}</b> },
  {
    key: 'request',
    title: 'Last request',
    cell: (client) => <TwoLines name={<Moment at={client.lastRequestAt} />} below={client.lastRequest} />,
  },
  {
    key: 'error',
    title: 'Last refusal',
    cell: (client) =>
      client.lastError === null ? (
        'none'
      ) : (
        <TwoLines name={<Moment at={client.lastErrorAt} />} below={client.lastError} />
      ),
  },
];

/** Where an identity provider asks (SCIM), what it may change, and how its last requests went. */
export function ProvisioningCard({ className }: { className?: string | undefined }) {
  const { accountId } = useAccount();
  const { data, error, refetch } = useOperation(getProvisioning, { params: { accountId } });
  return (
    <Card title="Provisioning (SCIM)" className={className}>
      <ProblemNotice error={error} onRetry={() => void refetch()} />
      {data !== undefined &&
        (data.mailDomains.length === 0 ? (
          <EmptyState title="There is nothing to provision">
            An account for limited use has no mail domain of its own.
          </EmptyState>
        ) : (
          <Box data={data} />
        ))}
    </Card>
  );
}

function Box({ data }: { data: Provisioning }) {
  const { accountId } = useAccount();
  const { baseUrl, mailDomains, groups, clients } = data;
  return (
    <>
      <div className={styles.provisioningBody}>
        <p>
          {clients.length === 0 ? (
            <>
              No identity provider keeps the people of this account yet. It needs an{' '}
              <PlaceLink to={paths.apiKeys(accountId)}>API client</PlaceLink> that is account administrator.
            </>
          ) : (
            `${count(clients.length, 'client')} of an identity provider ${clients.length === 1 ? 'keeps' : 'keep'} the people of this account.`
          )}
        </p>
        <dl className={styles.provisioningFacts}>
          <dt>Address</dt>
          <dd className={styles.address}>
            <code>{baseUrl}</code>
            <CopyButton value={baseUrl} label="Copy the address for SCIM" />
          </dd>
          <dt>People</dt>
          <dd>with addresses in {mailDomains.join(', ')}</dd>
          <dt>Groups</dt>
          <dd>
            <Groups groups={groups} />
          </dd>
        </dl>
      </div>
      <DataTable
        label="Clients that provision"
        columns={columns}
        rows={clients}
        rowKey={(client) => client.apiKeyId}
        isPending={false}
        empty={
          <EmptyState title="No client has asked yet">
            Give the address and the secret of the client to the identity provider, and test the connection
            there.
          </EmptyState>
        }
      />
    </>
  );
}

function Groups({ groups }: Pick<Provisioning, 'groups'>) {
  const { accountId } = useAccount();
  if (groups.length === 0) {
    return (
      <>
        none yet: mark one as provisioned on the page{' '}
        <PlaceLink to={paths.groups(accountId)}>Groups</PlaceLink>
      </>
    );
  }
  return (
    <ul className={styles.groups} aria-label="Provisioned groups">
      {groups.map(({ groupId, name, role, people }) => (
        <li key={groupId}>
          <PlaceLink to={paths.groups(accountId, { open: groupId })}>{name}</PlaceLink> ({roleNames[role]},{' '}
          {count(people, 'person', 'people')})
        </li>
      ))}
    </ul>
  );
}
