export * from './added-address.ts';
export * from './catalogue.ts';
export * from './digest-time.ts';
export * from './reminders.ts';
