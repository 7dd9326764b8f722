export * from './answers.ts';
export { largestCount, mostTags, type Usage } from './fields.ts';
export * from './kinds.ts';
export * from './messages.ts';
export * from './refusals.ts';
export * from './requests.ts';
export * from './trust.ts';
