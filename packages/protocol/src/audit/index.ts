export * from './list-events.ts';
export * from './shapes.ts';
