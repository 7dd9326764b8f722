import { expect, test } from 'vitest';
import { type Address, addressesIn } from './addresses.ts';

test.each<[string, Address[]]>([
  ['', []],
  [' \n,; ', []],
  ['jo@x.example', [{ email: 'jo@x.example' }]],
  ['jo@x.example\r\nal@x.example', [{ email: 'jo@x.example' }, { email: 'al@x.example' }]],
  ['jo@x.example, JO@x.example; al@x.example', [{ email: 'jo@x.example' }, { email: 'al@x.example' }]],
  ['jo@bücher.example, jo@xn--bcher-kva.example', [{ email: 'jo@bücher.example' }]],
  ['Jo Petit <jo@x.example>', [{ email: 'jo@x.example', name: 'Jo Petit' }]],
  ['"Jo Petit" <jo@x.example>', [{ email: 'jo@x.example', name: 'Jo Petit' }]],
  ['<jo@x.example>', [{ email: 'jo@x.example' }]],
  ['not an address', [{ email: 'not an address' }]],
])('%j holds %j', (text, found) => {
  expect(addressesIn(text)).toEqual(found);
});
