export * from './recovery.ts';
export * from './support-access.ts';
