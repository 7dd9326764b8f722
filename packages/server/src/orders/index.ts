export { deliverWaitingLines } from './deliver-waiting-lines.ts';
export { handOverDeliveryRules } from './delivery-rules.ts';
export { bindOrderLines, carryUndeliveredLines, moveUndeliveredLines } from './orders-store.ts';
