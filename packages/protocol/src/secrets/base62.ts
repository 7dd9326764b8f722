const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Writes an unsigned big-endian number as base62 (digits, capitals, small letters) of a fixed width, so that every
 * secret of a kind is equally long and a scanner's pattern can name the length.
 */
export function encodeBase62(bytes: Uint8Array, width: number): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  while (text.length < width) {
    text = digits.charAt(Number(number % 62n)) + text;
    number /= 62n;
  }
  if (number > 0n) throw new RangeError(`${bytes.length} bytes do not fit into ${width} base62 digits`);
  return text;
}

/** Reads what `encodeBase62` wrote; undefined when a character is foreign or the number needs more than `length` bytes. */
export function decodeBase62(text: string, length: number): Uint8Array | undefined {
  let number = 0n;
  for (const character of text) {
    const digit = digits.indexOf(character);
    if (digit < 0) return undefined;
    number = number * 62n + BigInt(digit);
  }
  const bytes = new Uint8Array(length);
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(number % 256n);
    number /= 256n;
  }
  return number > 0n ? undefined : bytes;
}
