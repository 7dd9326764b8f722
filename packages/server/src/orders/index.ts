export { deliverWaitingLines } from './deliver-waiting-lines.ts';
export { bindOrderLines, moveUndeliveredLines } from './orders-store.ts';
