import { tag } from '@estover/protocol';
import { describe, expect, test } from 'vitest';
import { proposeTag } from './catalog-words.ts';

const parts = {
  domain: 'Vendor.example',
  month: '2026-11',
  name: 'Réseau Advantage 2',
  version: '1.0',
  id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
};

describe('the tag that is proposed for a new license', () => {
  test('is one the server takes', () => {
    const proposed = proposeTag(parts);
    expect(proposed).toBe(
      'regid.2026-11.example.vendor.RESEAU_ADVANTAGE_2,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
    );
    expect(tag.safeParse(proposed).success).toBe(true);
  });

  test.each([
    ['domain', 'vendor'],
    ['name', ' – '],
    ['version', ''],
    ['version', '1 beta'],
  ])('waits for a %s that can stand in it: “%s”', (part, value) => {
    expect(proposeTag({ ...parts, [part]: value })).toBeNull();
  });
});
