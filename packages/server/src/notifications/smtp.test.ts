import { expect, it } from 'vitest';
import { needsSecureLine, problemOf } from './smtp.ts';

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

it('shows neither the password of the mail server nor a link that the mail server quotes', () => {
  const smtpUrl = 'smtp://bob:s3cret%40pw@mail.example';
  const echoed = Buffer.from('\0bob\0s3cret@pw').toString('base64');
  const error = new Error(
    `501 cannot parse "AUTH PLAIN ${echoed}" s3cret@pw http://x/reset-password#espr_abc`,
  );
  const problem = problemOf(error, { smtpUrl, secrets: ['espr_abc'] });
  expect(problem).toBe(
    '501 cannot parse "AUTH PLAIN [left out]" [left out] http://x/reset-password#[left out]',
  );
});
