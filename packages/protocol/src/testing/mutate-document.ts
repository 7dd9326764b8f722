import type { Random } from './random.ts';

/** A document that was tampered with, one character for each byte on the line. */
export interface Mutant {
  /** What was done, so that a failure can be told. */
  what: string;
  document: string;
}

const base64urlLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Every byte, one at a time: all bits of header and signature, and two of each byte of the payload. */
export function* bitFlips(document: string): Generator<Mutant> {
  const [payloadFrom, payloadTo] = [document.indexOf('.'), document.lastIndexOf('.')];
  for (let at = 0; at < document.length; at += 1) {
    const isPayload = at > payloadFrom && at < payloadTo;
    for (const bit of isPayload ? [0, 1 + (at % 7)] : [0, 1, 2, 3, 4, 5, 6, 7]) {
      yield {
        what: `bit ${bit} of byte ${at}`,
        document: replaceAt(document, at, document.charCodeAt(at) ^ (1 << bit)),
      };
    }
  }
}

/** Cut at every length from either end, and with every byte left out or doubled. */
export function* cuts(document: string): Generator<Mutant> {
  for (let at = 0; at < document.length; at += 1) {
    yield { what: `the first ${at} bytes`, document: document.slice(0, at) };
    if (at > 0) yield { what: `without the first ${at} bytes`, document: document.slice(at) };
    yield { what: `without byte ${at}`, document: document.slice(0, at) + document.slice(at + 1) };
    yield { what: `byte ${at} twice`, document: document.slice(0, at + 1) + document.slice(at) };
  }
}

/** The last letter of each part exchanged for every other: among them are those that only the unused bits tell apart. */
export function* otherLastLetters(document: string): Generator<Mutant> {
  const parts = document.split('.');
  for (const [index, part] of parts.entries()) {
    for (const letter of base64urlLetters) {
      if (part.endsWith(letter)) continue;
      const other = part.slice(0, -1) + letter;
      yield { what: `part ${index} ends with ${letter}`, document: parts.with(index, other).join('.') };
    }
  }
}

/** What a lenient reader of base64 or of lines would overlook, around each part. */
const overlooked = [
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '=',
  '==',
  '%3D',
  '\ufeff',
  '\u200b',
  '\u00ad',
  '\u2024',
  '+',
  '/',
  '.',
  '"',
];

export function* insertions(document: string): Generator<Mutant> {
  const dots = [...document.matchAll(/\./g)].map(({ index }) => index);
  const places = [
    0,
    ...dots,
    ...dots.map((dot) => dot + 1),
    Math.floor(document.length / 2),
    document.length,
  ];
  for (const place of places) {
    for (const text of overlooked) {
      yield {
        what: `${JSON.stringify(text)} before byte ${place}`,
        document: document.slice(0, place) + text + document.slice(place),
      };
    }
  }
  // The other alphabet, padding as far as it goes, letters that look alike, and other forms of the same JWS.
  const parts = document.split('.') as [string, string, string];
  const standard = parts.map((part) => Buffer.from(part, 'base64url').toString('base64'));
  yield { what: 'the alphabet of base64, with padding', document: standard.join('.') };
  yield { what: 'full stops of another script', document: document.replaceAll('.', '\uff0e') };
  yield { what: 'a Cyrillic letter', document: document.replace('e', '\u0435') };
  yield { what: 'capitals for small letters', document: document.toUpperCase() };
  const [header, payload, signature] = parts;
  yield { what: 'the JSON form', document: JSON.stringify({ protected: header, payload, signature }) };
  yield {
    what: 'the general JSON form',
    document: JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
  };
  yield { what: 'a detached payload', document: `${header}..${signature}` };
  yield { what: 'five parts, as if encrypted', document: `${document}.${signature}.${signature}` };
  yield { what: 'quotes around it', document: JSON.stringify(document) };
}

/** Header, payload and signature of several genuine documents put together in every other way. */
export function* exchangedParts(documents: readonly string[]): Generator<Mutant> {
  const split = documents.map((document) => document.split('.'));
  for (const [a, [header]] of split.entries()) {
    for (const [b, [, payload]] of split.entries()) {
      for (const [c, [, , signature]] of split.entries()) {
        if (a === b && b === c) continue;
        const document = `${header}.${payload}.${signature}`;
        if (!documents.includes(document)) yield { what: `parts of documents ${a}, ${b}, ${c}`, document };
      }
    }
  }
}

function replaceAt(text: string, at: number, code: number): string {
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}

/** One to four changes at random, never none: of bytes, slices, parts of other documents, or values within the payload. */
export function randomMutant(document: string, others: readonly string[], random: Random): Mutant {
  for (;;) {
    let mutated = document;
    const changes = 1 + random.below(4);
    for (let change = 0; change < changes; change += 1)
      mutated = random.pick(mutations)(mutated, others, random);
    if (mutated !== document && !others.includes(mutated))
      return { what: `${changes} changes at random`, document: mutated };
  }
}

type Mutation = (document: string, others: readonly string[], random: Random) => string;

const anyLetter = (random: Random): string => random.pick([...base64urlLetters]);

const mutations: readonly Mutation[] = [
  (document, _, random) => {
    const at = random.below(document.length);
    return replaceAt(document, at, (document.charCodeAt(at) || 0) ^ (1 << random.below(8)));
  },
  (document, _, random) =>
    replaceAt(document, random.below(document.length), anyLetter(random).charCodeAt(0)),
  (document, _, random) => {
    const at = random.below(document.length + 1);
    return document.slice(0, at) + anyLetter(random).repeat(1 + random.below(8)) + document.slice(at);
  },
  (document, _, random) => {
    const at = random.below(document.length + 1);
    return document.slice(0, at) + document.slice(at + 1 + random.below(64));
  },
  (document, others, random) => {
    const parts = document.split('.');
    const part = random.below(3);
    return parts.with(Math.min(part, parts.length - 1), random.pick(others).split('.')[part] ?? '').join('.');
  },
  (document, others, random) => {
    const other = random.pick(others);
    const at = random.below(Math.min(document.length, other.length) + 1);
    return document.slice(0, at) + other.slice(at);
  },
  (document, _, random) => changedText(document, 0, random),
  (document, _, random) => changedText(document, 1, random),
  (document, _, random) => changedText(document, 1, random),
];

/** Header or payload with another digit, letter or member in its JSON, and the signature as it was. */
function changedText(document: string, part: number, random: Random): string {
  const parts = document.split('.');
  const text = Buffer.from(parts[part] ?? '', 'base64url').toString();
  const at = random.below(text.length + 1);
  const changed = random.pick([
    () => text.slice(0, at) + random.pick([...'0123456789abcdefTZ:.-{}[]",']) + text.slice(at + 1),
    () => text.replace(/\d+/g, (digits) => (random.chance(0.1) ? String(Number(digits) + 1) : digits)),
    () =>
      `{${random.pick(['"sequence":9,', '"kid":"x",', '"__proto__":{},', '"usage":[],'])}${text.slice(1)}`,
    () => text.replaceAll(/[0-9a-f]{12}/g, (id) => (random.chance(0.3) ? [...id].reverse().join('') : id)),
  ])();
  return parts.with(Math.min(part, parts.length - 1), Buffer.from(changed).toString('base64url')).join('.');
}
