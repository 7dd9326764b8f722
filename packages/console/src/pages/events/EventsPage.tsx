import { accountEventPolicy } from '@estover/domain/access';
import { downloadEvents, listEvents, listPeople, operations } from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { client, useOperation, usePages } from '../../api.ts';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { EventList } from './EventList.tsx';
import { ProofDialog } from './ProofDialog.tsx';
import { type EventsSearch, eventFilters } from './search.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/events');

/** What can have changed something in an account, by the operation's name. */
const operationOptions = [...operations.values()]
  .filter(({ method, permission }) => method !== 'GET' && permission.at !== 'public')
  .map(({ name, summary }) => ({ value: name, label: summary }))
  // What identity providers do is no operation of the API.
  .concat([
    { value: 'provisionPerson', label: 'Provision a person' },
    { value: 'updateProvisionedPerson', label: 'Change, activate or deactivate a provisioned person' },
    { value: 'deprovisionPerson', label: 'Take a provisioned person out of the account' },
    { value: 'updateProvisionedGroup', label: 'Change who is in a provisioned group' },
  ]);

/** Kinds of objects that most events are of. */
const usualKinds = [
  'account',
  'api-key',
  'grant',
  'group',
  'movement',
  'product-instance',
  'token',
  'virtual-account',
];

/** Everything that was changed: who, what, when, before and after. */
export default function EventsPage() {
  const account = useAccount();
  const { accountId } = account;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const onSearch = (to: EventsSearch) => void navigate({ search: to, replace: true, resetScroll: false });
  const list = usePages(listEvents, { params: { accountId }, query: eventFilters(search) });
  const virtualAccounts = useVirtualAccounts();
  const people = useOperation(
    listPeople,
    { params: { accountId }, query: { limit: 200 } },
    { enabled: account.may('view-people') },
  );
  const [proving, setProving] = useState(false);
  const seesAll = account.may('view-all-events');
  // What somebody sees no events of is nothing to filter by.
  const seen = new Set(
    accountEventPolicy.flatMap((shown) => (account.may(shown.action) ? shown.operations : [])),
  );

  return (
    <>
      <PageHead
        title="Events"
        sentence={
          seesAll
            ? 'Every change, who made it and what it was before. Events are never edited or deleted.'
            : 'Every change of what you may see, who made it and what it was before. Events are never edited or deleted.'
        }
        actions={
          <>
            <ReasonedButton
              reason={seesAll ? null : 'The chain holds all events; your role sees some of them.'}
              onClick={() => setProving(true)}
            >
              Prove…
            </ReasonedButton>
            <Button
              component="a"
              href={client.url(downloadEvents, {
                params: { accountId },
                query: { ...eventFilters(search), format: 'csv' },
              })}
              download
            >
              Download CSV
            </Button>
          </>
        }
      />
      {proving && <ProofDialog accountId={accountId} onClose={() => setProving(false)} />}
      <EventList
        list={list}
        search={search}
        place={(to) => paths.events(accountId, to)}
        onSearch={onSearch}
        people={people.data?.items ?? []}
        operations={operationOptions.filter(({ value }) => seesAll || seen.has(value))}
        objectKinds={usualKinds}
        virtualAccounts={virtualAccounts}
        virtualAccountChip={
          <VirtualAccountChip
            virtualAccountId={search.virtualAccountId}
            nested={search.nested ?? true}
            onChange={({ virtualAccountId, nested }) =>
              onSearch({ ...search, virtualAccountId, nested: nested ? undefined : false })
            }
          />
        }
      />
    </>
  );
}
