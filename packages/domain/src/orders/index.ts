export * from './closest.ts';
export * from './columns.ts';
export * from './delivery-rules.ts';
export * from './delivery-term.ts';
export * from './import-rows.ts';
export * from './order-line.ts';
export * from './waiting.ts';
