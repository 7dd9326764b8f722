export { moveUndeliveredLines } from './orders-store.ts';
