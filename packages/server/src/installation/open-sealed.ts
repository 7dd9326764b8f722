import { InstallationError } from './installation.ts';
import type { Seal } from './seal.ts';

/** Opens what lies sealed in the database; a wrong encryption key is told as what it is. */
export function openSealed(seal: Seal, purpose: string, sealed: string): string {
  try {
    return seal.open(purpose, sealed);
  } catch {
    throw new InstallationError(
      "The encryption key does not open the installation's private keys: the database was written with another one. " +
        'Put back the key file encryption.key of the data folder, or set ESTOVER_ENCRYPTION_KEY to the key it had.',
    );
  }
}
