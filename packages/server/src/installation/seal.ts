import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts what must be read again but not by somebody who only has the database (AES-256-GCM). */
export interface Seal {
  /** `purpose` is bound to the text: what was sealed for one purpose does not open for another. */
  seal(purpose: string, text: string): string;
  /** Throws when the text was changed, sealed for another purpose or with another key. */
  open(purpose: string, sealed: string): string;
  /** 32 bytes for a purpose of their own, the same on every server of the installation (HKDF-SHA-256). */
  derive(purpose: string): Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;

/** `key` is the installation's encryption key, 32 bytes, from the environment or the key file. */
export function createSeal(key: Uint8Array): Seal {
  if (key.length !== 32) throw new RangeError('The encryption key must have 32 bytes');
  return {
    seal(purpose, text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return Buffer.concat([
        decipher.update(bytes.subarray(nonceBytes + tagBytes)),
        decipher.final(),
      ]).toString('utf8');
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)),
  };
}
