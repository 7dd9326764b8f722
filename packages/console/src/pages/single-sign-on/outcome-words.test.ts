import { expect, test } from 'vitest';
import { outcomeInWords } from './outcome-words.ts';

test('an outcome has a sentence, and what somebody made up has none', () => {
  expect(outcomeInWords('declined')).toBe('You or your company stopped the sign-in.');
  for (const word of ['', 'toString', '__proto__', 'Pay at evil.example']) {
    expect(outcomeInWords(word)).toBeNull();
  }
});
