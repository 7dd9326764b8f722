export * from './download-event-chain.ts';
export * from './download-events.ts';
export * from './event-head.ts';
export * from './get-event-head.ts';
export * from './list-events.ts';
export * from './rewritten-events.ts';
export * from './shapes.ts';
