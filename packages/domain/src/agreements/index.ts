export * from './agreement.ts';
export * from './who-accepts.ts';
