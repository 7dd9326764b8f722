export * from './complete-event-query.ts';
export * from './event-query.ts';
