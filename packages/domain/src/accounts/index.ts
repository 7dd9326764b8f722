export * from './change.ts';
export * from './deletion.ts';
export * from './domain-identifier.ts';
export * from './place.ts';
export * from './tags.ts';
