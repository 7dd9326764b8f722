/*
 * The part of DER (X.690, section 10) that certificate requests and identity certificates need. A reader that takes
 * exactly one encoding of every value: definite lengths in their shortest form, tags of one byte, nothing behind the
 * value. Whatever else is sent is refused before anybody asks what it could mean.
 */

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]`, constructed: an explicit tag, or an implicit one around a SET or SEQUENCE. */
export const constructedTag = (number: number): number => 0xa0 | number;

/** `[number]`, primitive: an implicit tag around a plain value. */
export const primitiveTag = (number: number): number => 0x80 | number;

/** The bytes are not DER, or not of the form that was asked for. */
export class DerRefused extends Error {
  override name = 'DerRefused';
}

/** One value; `content` and `bytes` are windows into what was read, not copies. */
export interface DerValue {
  readonly tag: number;
  /** What stands behind tag and length. */
  readonly content: Uint8Array;
  /** The whole value, with tag and length. */
  readonly bytes: Uint8Array;
}

/** Values in values, at most: a certificate request that says anything has six. */
const mostLevels = 16;

/**
 * Reads the one value that the bytes are, with all that it holds.
 *
 * @throws DerRefused when anything in it is not DER, or something follows
 */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readAt(bytes, 0);
  if (value.bytes.length !== bytes.length) throw new DerRefused('something follows the value');
  checkInside(value, 1);
  return value;
}

/**
 * The values in a constructed one.
 *
 * @throws DerRefused when it has another tag
 */
export function readMembers(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw new DerRefused(`expected the tag ${tag}, found ${value?.tag ?? 'nothing'}`);
  const members: DerValue[] = [];
  for (let at = 0; at < value.content.length; ) {
    const member = readAt(value.content, at);
    members.push(member);
    at += member.bytes.length;
  }
  return members;
}

/**
 * The bytes of a bit string that is made of whole bytes, as keys and signatures are.
 *
 * @throws DerRefused when it is something else
 */
export function readWholeBits(value: DerValue | undefined): Uint8Array {
  if (value?.tag !== derTag.bitString || value.content[0] !== 0) {
    throw new DerRefused('expected a bit string of whole bytes');
  }
  return value.content.subarray(1);
}

/** Whether a value is exactly these bytes. */
export const isDer = (value: DerValue | undefined, bytes: Uint8Array): boolean =>
  value !== undefined && Buffer.compare(value.bytes, bytes) === 0;

/** A value of the tag that holds the parts, one behind the other. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...parts]);
}

/** A positive INTEGER from its bytes, the highest first: without leading zeros but for the sign's sake. */
export function writePositiveInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === -1) return writeDer(derTag.integer, Buffer.from([0]));
  const digits = bytes.subarray(first);
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return writeDer(derTag.integer, Buffer.from(isHigh ? [0] : []), digits);
}

/** A BIT STRING of whole bytes. */
export const writeBits = (bytes: Uint8Array): Buffer => writeDer(derTag.bitString, Buffer.from([0]), bytes);

/** A Time of X.509 in whole seconds: UTCTime from 1950 until 2049, GeneralizedTime otherwise (RFC 5280 §4.1.2.5). */
export function writeTime(at: Temporal.Instant): Buffer {
  const text = `${new Date(at.epochMilliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050
    ? writeDer(derTag.utcTime, Buffer.from(text.slice(2), 'latin1'))
    : writeDer(derTag.generalizedTime, Buffer.from(text, 'latin1'));
}

function readAt(bytes: Uint8Array, at: number): DerValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerRefused('a value is cut off');
  if ((tag & 0x1f) === 0x1f || tag === 0) throw new DerRefused(`the tag ${tag} is not taken`);
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // 0x80 would be an indefinite length; more than three bytes of length nobody needs who may send 64 KiB.
    if (count === 0 || count > 3) throw new DerRefused('a length is not definite or too long');
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    start += count;
    if (length < 0x80 || length < 256 ** (count - 1))
      throw new DerRefused('a length is not in its shortest form');
  }
  const end = start + length;
  if (end > bytes.length) throw new DerRefused('a value is cut off');
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(at, end) };
}

/** Reads all that a value holds, so that nothing stays in it unread that would not be DER. */
function checkInside(value: DerValue, level: number): void {
  if ((value.tag & 0x20) === 0) return;
  if (level === mostLevels) throw new DerRefused(`there are more than ${mostLevels} levels`);
  for (const member of readMembers(value, value.tag)) checkInside(member, level + 1);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x1_00_00) return [0x82, length >> 8, length & 0xff];
  throw new RangeError(`a value of ${length} bytes is longer than anything this writes`);
}
