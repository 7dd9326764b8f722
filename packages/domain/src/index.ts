export type { Accepted, Decision, Refusal } from './refusal.ts';
export { accept, refuse } from './refusal.ts';
