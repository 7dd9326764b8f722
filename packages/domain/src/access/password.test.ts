import { expect, it } from 'vitest';
import { judgePassword } from './password.ts';

const person = { email: 'ana.ruiz.northwind@example.com', name: 'Ana Ruiz Northwind' };

it.each(['correct horse battery', 'tr0ub4dor&3-lamp', 'йцукенгшщзхъфыв', 'zwölf lange Züge'])(
  'takes %j',
  (password) => {
    expect(judgePassword(password, person).ok).toBe(true);
  },
);

it.each([
  ['short-one', /9 characters/],
  ['👍👍👍👍👍👍', /6 characters/],
  ['x'.repeat(257), /257 characters/],
  ['password1234', /tried first/],
  ['P@ssw0rd1234', /tried first/],
  ['ｐａｓｓｗｏｒｄ１２３４', /tried first/],
  ['Passwordpassword!', /tried first/],
  ['!!Welcome2026', /tried first/],
  ['aaaaaaaaaaaa', /pattern/],
  ['abcabcabcabc', /pattern/],
  ['123456789012', /counts/],
  ['abcdefghijkl', /counts/],
  ['ana.ruiz.northwind', /mail address/],
  ['Ana Ruiz Northwind', /name/],
  ['AnaRuizNorthwind1', /name/],
])('refuses %j', (password, detail) => {
  expect(judgePassword(password, person)).toMatchObject({
    code: 'password-weak',
    detail: expect.stringMatching(detail),
  });
});
