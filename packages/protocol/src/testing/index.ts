export * from './forge-document.ts';
export * from './mutate-document.ts';
export { type Random, randomFrom } from './random.ts';
