import { expect, it } from 'vitest';
import { needsSecureLine } from './secure-line.ts';

it.each([
  ['smtp://user:secret@mail.example:587', true],
  ['smtp://user@mail.example', true],
  ['smtp://mail.example', false],
  ['smtp://user:secret@127.0.0.1:2525', false],
  ['smtp://user:secret@[::1]', false],
  ['smtp://user:secret@127.0.0.1.example', true],
])('sends no password over an open line: %s', (url, expected) => {
  expect(needsSecureLine(url)).toBe(expected);
});
