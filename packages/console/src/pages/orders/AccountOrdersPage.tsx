import { listAccountOrders } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { paths } from '../../paths.ts';
import { OrdersList } from './OrdersList.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/orders');

/** The orders of an account, as far as their lines are for virtual accounts one may see. */
export default function AccountOrdersPage() {
  const { accountId } = useAccount();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const list = usePages(listAccountOrders, { params: { accountId }, query: filters });
  return (
    <>
      <PageHead title="Orders" sentence="What was bought, what has arrived, and where each license is now." />
      <OrdersList
        list={list}
        filters={filters}
        onFilter={(search) => void navigate({ search, replace: true })}
        linkTo={(orderNumber) => paths.order(accountId, orderNumber)}
        none={
          <EmptyState title="No order has arrived yet">
            Orders come from the publisher. Once a line has shipped, its licenses are in the account at once.
          </EmptyState>
        }
      />
    </>
  );
}
