export * from './forget-names.ts';
export * from './pseudonym.ts';
