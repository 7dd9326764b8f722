import type { Seal } from './seal.ts';

/** What is true for this installation as a whole, loaded once at the start. */
export interface Installation extends Seal {
  installationId: string;
  version: string;
  /** Where people and product instances reach the server, without a slash at the end. */
  publicUrl: string;
}
