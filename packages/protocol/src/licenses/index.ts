export * from './correct-lot.ts';
export * from './get-overview.ts';
export * from './get-pool.ts';
export * from './list-inventory.ts';
export * from './list-movements.ts';
export * from './shapes.ts';
export * from './transfer-licenses.ts';
export * from './undo-transfer.ts';
