export { deliverHeldLines } from './held-lines.ts';
export { moveUndeliveredLines } from './orders-store.ts';
