export { type BoundTo, bindOrderLines } from './bind-order-lines.ts';
export { deliverWaitingLines } from './deliver-waiting-lines.ts';
export { handOverDeliveryRules } from './delivery-rules.ts';
export { carryUndeliveredLines, moveUndeliveredLines } from './orders-store.ts';
export type { DeliveryContext } from './record-deliveries.ts';
