import type { CertificateAuthority } from '@estover/protocol/signing';
import type { Network } from '../outbound/index.ts';
import type { Seal } from './seal.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Mail domains in their one form. */
export interface PublicMailDomains {
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
}

/** What is true for this installation as a whole, loaded once at the start. */
export interface Installation extends Seal {
  installationId: string;
  /** Rises with every restore of a backup; a restore needs all servers stopped, so it is read at the start alone. */
  epoch: number;
  version: string;
  /** Where people and product instances reach the server, without a slash at the end. */
  publicUrl: string;
  /** What the configuration adds to the kept list of public mail domains, and takes out of it. */
  publicMailDomains: PublicMailDomains;
  /** Networks that requests to addresses of settings may reach beside the public Internet. */
  outboundAllow: readonly Network[];
  /** Whether accounts may set up single sign-on by SAML. */
  saml: boolean;
  /** The texts of a name's TXT records, each in its pieces; rejects where there is none. */
  resolveTxt(name: string): Promise<string[][]>;
  /** Issues the identity certificates of product instances. */
  certificateAuthority: CertificateAuthority;
  /** Sign documents. They are rotated, so they are asked for anew each time. */
  signingKeys: SigningKeys;
}

/** The installation's keys cannot be used; the message says what to do. */
export class InstallationError extends Error {
  override name = 'InstallationError';
}
