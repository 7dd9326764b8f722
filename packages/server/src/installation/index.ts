export type { Installation } from './installation.ts';
export { createSeal, type Seal } from './seal.ts';
