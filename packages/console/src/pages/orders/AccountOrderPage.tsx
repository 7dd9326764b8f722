import { getAccountOrder } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import { OrderTraceView } from './OrderTraceView.tsx';
import { orderSentence } from './order-sentence.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/orders/$orderNumber');

/** One order of an account, traced. */
export default function AccountOrderPage() {
  const { orderNumber } = route.useParams();
  const { accountId } = useAccount();
  const { data, error, refetch } = useOperation(getAccountOrder, { params: { accountId, orderNumber } });
  return (
    <>
      <PageHead
        title={orderNumber}
        documentTitle={`Order ${orderNumber}`}
        sentence={data === undefined ? '' : orderSentence(data.order)}
        back={{ to: paths.orders(accountId), label: 'Orders' }}
      />
      {data === undefined ? (
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <OrderTraceView trace={data} accountId={accountId} />
      )}
    </>
  );
}
