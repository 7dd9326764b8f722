export * from './list-alerts.ts';
export * from './shapes.ts';
export * from './snooze-alert.ts';
