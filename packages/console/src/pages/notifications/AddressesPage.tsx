import { mostAddresses } from '@estover/domain/notifications';
import { listNotificationAddresses } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count, formatDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { shown } from '../../shown.ts';
import { AddAddressDialog, type Address, EditAddressDialog, RemoveAddressDialog } from './AddressDialogs.tsx';
import { kindsInWords } from './notification-words.ts';
import styles from './notifications.module.css';

type Opened = { what: 'add' } | { what: 'edit' | 'remove'; address: Address } | null;

const columnsWith = (open: (opened: Opened) => void): Column<Address>[] => [
  {
    key: 'email',
    title: 'Address',
    cell: ({ email, addedBy, addedAt }) => (
      <TwoLines name={email} below={`added by ${addedBy}, ${formatDay(addedAt)}`} />
    ),
  },
  {
    key: 'state',
    title: 'State',
    cell: ({ confirmedAt, confirmUntil }) =>
      confirmedAt !== null ? (
        <StatePill tone="ok">Confirmed</StatePill>
      ) : (
        <StatePill tone="warn">
          {confirmUntil === null ? 'Not confirmed' : `Asked until ${formatDay(confirmUntil)}`}
        </StatePill>
      ),
  },
  { key: 'kinds', title: 'Hears of', width: '35%', cell: ({ kinds }) => kindsInWords(kinds) },
  {
    key: 'actions',
    title: 'Actions',
    cell: (address) => (
      <span className={styles.buttons}>
        <Button size="compact-sm" onClick={() => open({ what: 'edit', address })}>
          Change…<span className="visually-hidden"> {shown(address.email)}</span>
        </Button>
        <Button size="compact-sm" onClick={() => open({ what: 'remove', address })}>
          Remove…<span className="visually-hidden"> {shown(address.email)}</span>
        </Button>
      </span>
    ),
  },
];

/** Addresses that hear of the account beside its people. */
export default function AddressesPage() {
  const { accountId, reasonAgainst } = useAccount();
  const notAllowed = reasonAgainst('manage-account-settings');
  const list = useOperation(
    listNotificationAddresses,
    { params: { accountId } },
    { enabled: notAllowed === null },
  );
  const [opened, open] = useState<Opened>(null);
  const addresses = list.data?.addresses ?? [];
  const waiting = addresses.filter(({ confirmedAt }) => confirmedAt === null).length;
  const reason =
    notAllowed ??
    (addresses.length >= mostAddresses ? `An account adds at most ${mostAddresses} addresses.` : null);
  const addButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => open({ what: 'add' })}>
      Add an address…
    </ReasonedButton>
  );
  const close = () => open(null);
  return (
    <>
      <PageHead
        title="Added addresses"
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        sentence={
          addresses.length === 0
            ? 'Only people of the account hear of it by mail.'
            : `${count(addresses.length, 'address', 'addresses')} beside its people ${addresses.length === 1 ? 'hears' : 'hear'} of the account${waiting === 0 ? '' : `, ${waiting} not confirmed yet`}.`
        }
        actions={addButton}
      />
      {opened?.what === 'add' && <AddAddressDialog onClose={close} />}
      {opened?.what === 'edit' && <EditAddressDialog address={opened.address} onClose={close} />}
      {opened?.what === 'remove' && <RemoveAddressDialog address={opened.address} onClose={close} />}
      <Card>
        <DataTable
          label="Added addresses"
          columns={columnsWith(open)}
          rows={addresses}
          rowKey={({ addressId }) => addressId}
          isPending={list.isPending && notAllowed === null}
          error={list.error}
          onRetry={() => void list.refetch()}
          empty={
            <EmptyState title="No address is added yet" action={addButton}>
              The box of a team hears of what is chosen here, whoever reads it. Only addresses inside the mail
              domain of the account can be added.
            </EmptyState>
          }
        />
      </Card>
    </>
  );
}
