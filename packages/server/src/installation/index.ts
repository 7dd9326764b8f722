export { type Installation, InstallationError, type PublicMailDomains } from './installation.ts';
export { type InstallationOptions, loadInstallation } from './load-installation.ts';
export { newestSigningKey, openSigningKey } from './newest-signing-key.ts';
export { createSeal, type Seal } from './seal.ts';
export {
  type DocumentSigningKey,
  rotateSigningKey,
  type SigningKeys,
  signingKeyHours,
} from './signing-keys.ts';
