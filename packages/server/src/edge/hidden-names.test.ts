import { expect, it } from 'vitest';
import { placeInWords, readSentence, withAllNames, withoutHiddenNames } from './hidden-names.ts';

const berlin = '01963f2c-0000-7000-8000-000000000001';
const asia = '01963f2c-0000-7000-8000-000000000002';
const hidden = (name: string): string => `\uFDD0${name}\uFDD1`;

it('cuts hidden names out of every text of a value, and leaves what has none as it is', () => {
  const path = [hidden('North "East"'), hidden('Ω'), 'Berlin'];
  expect(withoutHiddenNames({ path, detail: `in ${path.join(' / ')}`, deep: [{ path }] })).toEqual({
    path: ['…', '…', 'Berlin'],
    detail: 'in … / … / Berlin',
    deep: [{ path: ['…', '…', 'Berlin'] }],
  });
  const plain = { path: ['Berlin'], at: undefined };
  expect(withoutHiddenNames(plain)).toBe(plain);
  expect(withoutHiddenNames(undefined)).toBeUndefined();
  expect(withAllNames(path.join(' / '))).toBe('North "East" / Ω / Berlin');
});

it('notes where a sentence names virtual accounts, in characters and not in their halves', () => {
  const from = placeInWords({ virtualAccountId: berlin, path: ['🚀', hidden('Europe'), 'Berlin'] });
  const to = placeInWords({ virtualAccountId: asia, path: ['As\uFDD2ia'] });
  expect(readSentence(`moved 5 🚀 from ${from} to ${to}: now`)).toEqual({
    message: 'moved 5 🚀 from 🚀 / Europe / Berlin to Asia: now',
    places: [
      { virtualAccountId: berlin, at: 15, length: 19 },
      { virtualAccountId: asia, at: 38, length: 4 },
    ],
  });
  expect(readSentence('renewed its certificate')).toEqual({ message: 'renewed its certificate', places: [] });
});
