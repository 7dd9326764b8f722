/** A signature to be checked. */
export interface SignatureCheck {
  input: Uint8Array;
  /** ES256: `r` and `s`, 32 bytes each. */
  signature: Uint8Array;
  /** SPKI, DER, in base64. */
  key: string;
}

/** Many of them on their way to a thread: texts are copied, the bytes change hands as a whole. */
export interface SentChecks {
  keys: string[];
  /** How long each input is. */
  lengths: Uint32Array<ArrayBuffer>;
  /** Each input, followed by its signature. */
  bytes: Uint8Array<ArrayBuffer>;
}

export const signatureBytes = 64;

/** What a thread says of each check. */
export const verdict = { wrong: 0, genuine: 1, unreadable: 2 } as const;

export function writeChecks(checks: readonly SignatureCheck[]): SentChecks {
  const lengths = Uint32Array.from(checks, ({ input }) => input.length);
  const size = lengths.reduce((sum, length) => sum + length + signatureBytes, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { input, signature } of checks) {
    bytes.set(input, at);
    bytes.set(signature, at + input.length);
    at += input.length + signatureBytes;
  }
  return { keys: checks.map(({ key }) => key), lengths, bytes };
}

export function readChecks({ keys, lengths, bytes }: SentChecks): SignatureCheck[] {
  let at = 0;
  return keys.map((key, index) => {
    const middle = at + (lengths[index] ?? 0);
    const check = {
      key,
      input: bytes.subarray(at, middle),
      signature: bytes.subarray(middle, middle + signatureBytes),
    };
    at = middle + signatureBytes;
    return check;
  });
}
