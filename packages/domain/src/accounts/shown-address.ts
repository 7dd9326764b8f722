/** Brings a domain from `xn--…` into its letters; there is one in every server and browser, but none in the language. */
export type ToUnicode = (domain: string) => string;

const kept = /([^\s@<>()[\]"',;:]+@)((?:[a-z0-9-]+\.)*xn--[a-z0-9-]+(?:\.[a-z0-9-]+)*)/gi;

/** Scripts whose letters belong together in one name (UTS #39 §5.1); digits and hyphens go with each. */
const scripts = [
  /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Greek}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Arabic}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Hebrew}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Devanagari}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Thai}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]+$/u,
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Common}\p{Script=Inherited}]+$/u,
];

/** Letters of other scripts that nobody can tell from Latin ones; a name of nothing else could pass for another one. */
const likeLatin = /^[\d\-асԁеһіјӏорԛѕԝхуъьҽпгѵѡαινορυχ]+$/u;

/**
 * The mail addresses in a text as people write them: their domains in their letters. A domain that mixes scripts, or that
 * could pass for one in Latin letters, stays `xn--…`, so that nobody is led to take one address for another.
 */
export const shownAddresses = (text: string, toUnicode: ToUnicode): string =>
  text.includes('@') && /xn--/i.test(text)
    ? text.replaceAll(kept, (_, local: string, domain: string) => `${local}${shownDomain(domain, toUnicode)}`)
    : text;

function shownDomain(domain: string, toUnicode: ToUnicode): string {
  let shown: string;
  try {
    shown = toUnicode(domain.toLowerCase());
  } catch {
    // What was never made from letters stays as it is written.
    return domain;
  }
  const labels = shown.split('.');
  const isPlain = (label: string) => scripts.some((script) => script.test(label)) && !likeLatin.test(label);
  const isAscii = (label: string) => /^[a-z0-9-]+$/.test(label) && !label.startsWith('xn--');
  return shown !== '' && labels.every((label) => isAscii(label) || isPlain(label)) ? shown : domain;
}
