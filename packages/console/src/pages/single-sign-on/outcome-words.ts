/** What somebody is told who comes back from their company's sign-in, by the word in the address. */
const words: Record<string, string> = {
  ended:
    'That sign-in is not open any more: it took too long, was used already, or began in another browser. Begin again.',
  unreachable: 'The sign-in of your company does not answer. Try again in a moment.',
  'provider-unknown':
    'What answers at the issuer’s address is not what it says it is. An administrator has to look at what is set.',
  'client-refused':
    'The sign-in of your company does not take the client’s id or secret. An administrator has to look at what is set.',
  'answer-refused':
    'What the sign-in of your company said could not be checked. Try again; if it stays, ask an administrator.',
  declined: 'You or your company stopped the sign-in.',
  'address-missing':
    'The sign-in of your company does not say your mail address. An administrator has to let it.',
  'address-elsewhere':
    'The mail address you have at your company’s sign-in is not of the mail domain that is set.',
  'mail-sent':
    'If somebody with this mail address is known here, a mail is on its way to it. Open its link in this browser, and sign in again.',
  'linked-elsewhere': 'This sign-in belongs to another person already. Ask an administrator.',
  'group-ended': 'New people come into a group that has ended. Ask an administrator.',
  'not-proved': 'You did not sign in again, or as somebody else. Try again.',
};

/** A sentence for a word of the address; null for one that nobody wrote. */
export const outcomeInWords = (word: string): string | null =>
  Object.hasOwn(words, word) ? (words[word] ?? null) : null;
