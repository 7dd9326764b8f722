import { getSetup, listAccounts, listOrders, listProducts } from '@estover/protocol';
import { usePlatform } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { Guide, type GuideStep } from '../../parts/Guide.tsx';
import { paths } from '../../paths.ts';
import styles from './platform.module.css';

const any = { query: { limit: 1 } };

/** From a fresh installation to its first order. Gone once there is one. */
export function PlatformGuide() {
  const { may, reasonAgainst } = usePlatform();
  const setup = useOperation(getSetup, {}).data;
  const products = useOperation(listProducts, any).data;
  const accounts = useOperation(listAccounts, any).data;
  const orders = useOperation(listOrders, any, { enabled: may('view-orders') }).data;
  if (setup === undefined || products === undefined || accounts === undefined || orders === undefined) {
    return null;
  }
  if (orders.items.length > 0) return null;
  const catalogReason = reasonAgainst('manage-catalog');
  const steps: GuideStep[] = [
    {
      title: setup.sendsMail
        ? 'The publisher is set up'
        : 'The publisher is set up; mails are kept in the outbox',
      isDone: true,
      text: null,
      link: may('manage-mails') ? { to: paths.platformOutbox(), label: 'Outbox' } : null,
    },
    {
      title: 'A catalog: licenses, and products that bring them',
      isDone: products.items.length > 0,
      text:
        catalogReason ?? 'A license is what product instances use; a product is what is ordered, by its SKU.',
      link: catalogReason === null ? { to: paths.platformCatalog(), label: 'Catalog' } : null,
    },
    {
      title: 'An account for the first customer',
      isDone: accounts.items.length > 0,
      text:
        reasonAgainst('manage-accounts') ??
        'Make one here, or let the customer ask for one on the page for signing in.',
      link: { to: paths.platformAccounts(), label: 'Accounts' },
    },
    {
      title: 'The first order',
      isDone: false,
      text:
        reasonAgainst('manage-orders') ??
        'Type it, import a file, or have your order system send it; its licenses are delivered at once.',
      link: { to: paths.platformOrders(), label: 'All orders' },
    },
  ];
  return (
    <div className={styles.guide}>
      <Guide title="First steps" steps={steps} accountId={null} />
    </div>
  );
}
