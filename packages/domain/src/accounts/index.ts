export * from './account-kind.ts';
export * from './account-request.ts';
export * from './change.ts';
export * from './deletion.ts';
export * from './domain-identifier.ts';
export * from './place.ts';
export * from './request-states.ts';
export * from './tags.ts';
