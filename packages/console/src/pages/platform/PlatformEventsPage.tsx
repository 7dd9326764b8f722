import { platformEventPolicy } from '@estover/domain/access';
import { downloadPlatformEvents, getPlatformEvent, listPlatformEvents, operations } from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { client, useOperation, usePages } from '../../api.ts';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { EventList } from '../events/EventList.tsx';
import { ProofDialog } from '../events/ProofDialog.tsx';
import { platformEventFilters } from '../events/search.ts';

const route = getRouteApi('/signed-in/platform/events');

const usualKinds = ['account-request', 'agreement', 'license', 'order', 'person', 'product', 'recovery'];

/** Everything that was changed on the platform: requests for accounts, staff, the catalog, orders, texts, sign-ins. */
export default function PlatformEventsPage() {
  const platform = usePlatform();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filters = platformEventFilters(search);
  const list = usePages(listPlatformEvents, { query: filters });
  const isListed = list.items.some(({ eventId }) => eventId === search.open);
  const opened = useOperation(
    getPlatformEvent,
    { params: { eventId: search.open ?? '' } },
    { enabled: search.open !== undefined && !list.isPending && !isListed },
  );
  const [proving, setProving] = useState(false);
  // What somebody sees no events of is nothing to filter by.
  const seen = platformEventPolicy.flatMap((shown) => (platform.may(shown.action) ? shown.operations : []));
  const seesAll = platform.may('view-all-platform-events');

  return (
    <>
      <PageHead
        title="Events of the platform"
        sentence={
          seesAll
            ? 'Every change beside those of accounts, who made it and what it was before. Events are never edited or deleted.'
            : 'Every change beside those of accounts, as far as your role sees what it is about. Events are never edited or deleted.'
        }
        actions={
          <>
            <ReasonedButton
              reason={platform.reasonAgainst('view-all-platform-events')}
              onClick={() => setProving(true)}
            >
              Prove…
            </ReasonedButton>
            <Button
              component="a"
              href={client.url(downloadPlatformEvents, { query: { ...filters, format: 'csv' } })}
              download
            >
              Download CSV
            </Button>
          </>
        }
      />
      {proving && <ProofDialog accountId={null} onClose={() => setProving(false)} />}
      <EventList
        list={list}
        opened={opened.data?.eventId === search.open ? opened.data : undefined}
        search={search}
        place={paths.platformEvents}
        onSearch={(to) => void navigate({ search: to, replace: true, resetScroll: false })}
        people={[]}
        operations={seen.map((name) => ({ value: name, label: operations.get(name)?.summary ?? name }))}
        objectKinds={usualKinds}
        virtualAccounts={null}
      />
    </>
  );
}
