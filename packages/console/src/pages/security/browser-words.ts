/*
 * Which browser a session is in, in words, so that its owner recognizes it. What browsers say of themselves is a heap of
 * pretences, and anybody may say anything: it is a hint and no proof.
 */

/** In this order, because each of them claims to be one of those below it. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:SamsungBrowser)\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\b(?:iPhone|iPod)\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const nameIn = (list: typeof browsers, text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox on Windows", "Chrome", "Another program (curl/8.5.0)", "An unknown browser". */
export function browserInWords(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === '') return 'An unknown browser';
  const browser = nameIn(browsers, userAgent);
  if (browser === undefined) return `Another program (${userAgent.slice(0, 40)})`;
  const system = nameIn(systems, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}
