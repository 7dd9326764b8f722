import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

export type PasswordRefusal = Refusal<'password-weak', { readonly detail: string }>;

/** A password as it is judged and kept: however its characters are encoded (NIST SP 800-63B §5.1.1.2). */
export const keptPassword = (password: string): string => password.normalize('NFKC');

/** Characters, not bytes. Length is what makes a password strong; there are no rules about kinds of characters. */
export const passwordLength = { minimum: 12, maximum: 256 };

/** What is common among passwords of at least 12 characters, without case and without digits and marks at the end. */
const common: ReadonlySet<string> = new Set([
  'administrator',
  'adminadmin',
  'changeme',
  'changemenow',
  'changemeplease',
  'estover',
  'estoverestover',
  'football',
  'iloveyou',
  'iloveyouiloveyou',
  'letmein',
  'letmeinletmein',
  'licenses',
  'masterpassword',
  'passpass',
  'passphrase',
  'password',
  'passwordpassword',
  'passwort',
  'qwerty',
  'qwertyqwerty',
  'qwertyuiop',
  'qwertyuiopasdf',
  'qwertyuiopasdfgh',
  'secretsecret',
  'sunshine',
  'supersecret',
  'superman',
  'temporary',
  'temporarypassword',
  'thisisapassword',
  'topsecret',
  'trustno',
  'welcome',
  'welcomewelcome',
]);

/**
 * Judges a password somebody wants to choose: at least 12 characters (blanks inside count), not one of the common
 * ones, not one pattern over and over, and not the person's own mail address or name.
 */
export function judgePassword(
  given: string,
  person: { readonly email: string; readonly name: string },
): Decision<string, PasswordRefusal> {
  const password = keptPassword(given);
  const length = [...password].length;
  if (length < passwordLength.minimum || length > passwordLength.maximum) {
    const detail = `It has ${length} characters; ${passwordLength.minimum} to ${passwordLength.maximum} are needed.`;
    return refuse('password-weak', { detail });
  }
  const word = password.toLowerCase();
  const core = word.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const plain = core.replaceAll('0', 'o').replaceAll('3', 'e').replaceAll('@', 'a').replaceAll('$', 's');
  if (common.has(core) || common.has(plain)) {
    return refuse('password-weak', { detail: 'It is among the passwords that are tried first.' });
  }
  if (/^(.{1,4})\1+.{0,3}$/su.test(word) || isRun(word)) {
    return refuse('password-weak', { detail: 'It repeats one pattern or counts on.' });
  }
  const own = [person.email, person.email.split('@')[0] ?? '', person.name, person.name.replaceAll(' ', '')];
  if (own.some((each) => each !== '' && (word === each.toLowerCase() || core === each.toLowerCase()))) {
    return refuse('password-weak', { detail: 'It is the mail address or the name.' });
  }
  return accept(password);
}

/** Whether characters follow each other by number, such as 1234… or abcd…, all but a few of them. */
function isRun(word: string): boolean {
  const codes = [...word].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const counting = steps.filter((step) => Math.abs(step) === 1 || step === 0).length;
  return counting >= steps.length - 2;
}
