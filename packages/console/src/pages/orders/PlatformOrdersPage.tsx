import { listOrders } from '@estover/protocol';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { AskContactDialog } from './AskContactDialog.tsx';
import { NewOrderDialog } from './NewOrderDialog.tsx';
import { OrdersList } from './OrdersList.tsx';

const route = getRouteApi('/signed-in/platform/orders');

/** All orders of the platform, for its staff. */
export default function PlatformOrdersPage() {
  const platform = usePlatform();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const [booking, setBooking] = useState(false);
  const [asking, setAsking] = useState(false);
  const list = usePages(listOrders, { query: filters });
  const reason = platform.reasonAgainst('manage-orders');
  const importButton = (
    <ReasonedButton reason={reason} onClick={() => void go({ to: paths.platformImportOrders().to })}>
      Import…
    </ReasonedButton>
  );
  const askButton = (
    <ReasonedButton reason={reason} onClick={() => setAsking(true)}>
      Ask a customer…
    </ReasonedButton>
  );
  const newButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setBooking(true)}>
      New order…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="All orders"
        sentence="Every order of every account. What ships to an active account is delivered at once."
        actions={
          <>
            {askButton}
            {importButton}
            {newButton}
          </>
        }
      />
      {booking && <NewOrderDialog onClose={() => setBooking(false)} />}
      {asking && <AskContactDialog onClose={() => setAsking(false)} />}
      <OrdersList
        ofAllAccounts
        list={list}
        filters={filters}
        onFilter={(search) => void navigate({ search, replace: true })}
        linkTo={(orderNumber) => paths.platformOrder(orderNumber)}
        none={
          <EmptyState title="There is no order yet" action={newButton}>
            Book one by hand, import a CSV or JSON file, or let your order system send them by API.
          </EmptyState>
        }
      />
    </>
  );
}
