import { createHash, type KeyObject } from 'node:crypto';

/** The id of a key is a hash of its public half, so that two keys never share one. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);
