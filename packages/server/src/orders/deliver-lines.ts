import { grantedUnits, type ProductTerm } from '@estover/domain/catalog';
import { deliveryTerm } from '@estover/domain/orders';
import { deposit, type Ledger } from '../licenses/index.ts';

/** A line that has shipped to an active account. */
export interface DeliverableLine {
  orderId: string;
  orderNumber: string;
  lineNumber: number;
  accountId: string;
  virtualAccountId: string;
  quantity: number;
  startDate: string | null;
  product: {
    sku: string;
    term: ProductTerm;
    billing: 'prepaid' | 'usage';
    grants: readonly { licenseId: string; quantityPerUnit: number }[];
  };
}

/**
 * Puts the licenses of lines into their virtual accounts: for each license the product grants one lot, so many units
 * as the line's quantity times the grant. The term starts now or on the line's start date; all units of a lot end
 * together.
 */
export async function deliverLines(ledger: Ledger, lines: readonly DeliverableLine[]): Promise<void> {
  const deliveries = lines.flatMap((line) => {
    const startDate = line.startDate === null ? null : Temporal.PlainDate.from(line.startDate);
    const term = deliveryTerm(line.product.term, startDate, ledger.now);
    return line.product.grants.map(({ licenseId, quantityPerUnit }) => {
      const quantity = grantedUnits(quantityPerUnit, line.quantity);
      if (quantity === null)
        throw new Error('lines are checked against the largest lot when they are booked');
      return {
        accountId: line.accountId,
        virtualAccountId: line.virtualAccountId,
        licenseId,
        quantity,
        term,
        source: {
          kind: 'order' as const,
          orderId: line.orderId,
          orderNumber: line.orderNumber,
          lineNumber: line.lineNumber,
          sku: line.product.sku,
        },
        subscriptionId: term.kind === 'perpetual' ? null : `${line.orderNumber}-${line.lineNumber}`,
        billing: line.product.billing,
      };
    });
  });
  if (deliveries.length > 0) await deposit(ledger, deliveries);
}
