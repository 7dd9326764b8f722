import { normalizeMailAddress } from '@estover/domain/accounts';

/** Somebody as people paste them: `jo@x.example` or `Jo Petit <jo@x.example>`. */
export interface Address {
  email: string;
  name?: string;
}

/**
 * The people in a pasted text: one a line, or separated by commas or semicolons. What is no address stays in, so that the
 * server says of it what is wrong; who is there twice is taken once.
 */
export function addressesIn(text: string): Address[] {
  const found = new Map<string, Address>();
  for (const part of text.split(/[\n,;]+/)) {
    const piece = part.trim();
    if (piece === '') continue;
    const [, quoted = '', inBrackets] = /^(.*?)<([^<>]*)>$/.exec(piece) ?? [];
    const email = (inBrackets ?? piece).trim();
    const name = quoted
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim();
    const key = normalizeMailAddress(email).toLowerCase();
    if (!found.has(key)) found.set(key, name === '' ? { email } : { email, name });
  }
  return [...found.values()];
}
