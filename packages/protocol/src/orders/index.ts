export * from './cancel-order.ts';
export * from './create-order.ts';
export * from './delivery-rules.ts';
export * from './get-order.ts';
export * from './import-orders.ts';
export * from './list-orders.ts';
export * from './shapes.ts';
export * from './ship-order.ts';
