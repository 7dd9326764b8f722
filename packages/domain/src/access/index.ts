export * from './policy.ts';
export * from './reach.ts';
export * from './roles.ts';
