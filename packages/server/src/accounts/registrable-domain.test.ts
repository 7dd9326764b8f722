import { expect, it } from 'vitest';
import { registrableOf } from './registrable-domain.ts';

it.each([
  ['big.example', 'big.example'],
  ['lab.big.example', 'big.example'],
  ['a.b.big.com', 'big.com'],
  ['lab.big.co.uk', 'big.co.uk'],
  ['co.uk', null],
  ['big.uk.com', 'big.uk.com'],
  ['uk.com', null],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['lab.xn--bcher-kva.example', 'xn--bcher-kva.example'],
  // 公司.cn is a suffix: a company is below it.
  ['big.xn--55qx5d.cn', 'big.xn--55qx5d.cn'],
  ['lab.big.xn--55qx5d.cn', 'big.xn--55qx5d.cn'],
])('of %s is %s', (mailDomain, registered) => {
  expect(registrableOf(mailDomain)).toBe(registered);
});
