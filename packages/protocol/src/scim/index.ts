export * from './documents.ts';
export * from './error.ts';
export * from './filter.ts';
export * from './group.ts';
export * from './patch.ts';
export * from './user.ts';
