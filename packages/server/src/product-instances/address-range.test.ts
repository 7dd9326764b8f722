import { expect, it } from 'vitest';
import { isInRange } from './address-range.ts';

it.each<[string | null, string, boolean]>([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['2001:db8::7', '2001:db8::/32', true],
  ['2001:db9::7', '2001:db8::/32', false],
  ['fe80::1%eth0', 'fe80::/10', true],
  ['10.1.2.3', '2001:db8::/32', false],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['not an address', '0.0.0.0/0', false],
  [null, '0.0.0.0/0', false],
])('%s in %s is %s', (address, range, inside) => {
  expect(isInRange(address, range)).toBe(inside);
});
