import { expect, it } from 'vitest';
import { type Agreement, acceptedByInWords, closedInWords, openInWords } from './agreement-words.ts';

const agreement = (title: string, standing: Agreement['standing'], dueAt: string): Agreement => ({
  version: {
    agreement: title.toLowerCase(),
    version: 2,
    title,
    language: null,
    textHash: '0'.repeat(64),
    deadlineDays: 30,
    publishedAt: '2026-11-01T00:00:00Z',
    publishedBy: 'Ola',
  },
  standing,
  dueAt,
  accepted: null,
});

it('says what is closed', () => {
  expect(closedInWords([])).toBe('goes on as before');
  expect(closedInWords(['tokens'])).toBe('makes no new tokens');
  expect(closedInWords(['tokens', 'delivery', 'transfers'])).toBe(
    'makes no new tokens, takes no delivery and moves nothing',
  );
});

it('names the agreement whose end comes first', () => {
  const later = agreement('Data', 'open', '2026-12-24T00:00:00Z');
  const first = agreement('Terms', 'overdue', '2026-12-01T00:00:00Z');
  expect(openInWords([agreement('X', 'accepted', '2026-12-01T00:00:00Z')], ['tokens'])).toBeNull();
  expect(openInWords([later, first], ['tokens'])).toMatch(
    /^Terms, version 2 \(and 1 more\) should have been accepted by .*2026\. Until it is, the account makes no new tokens\.$/,
  );
  expect(openInWords([later], [])).toMatch(
    /^Data, version 2 waits to be accepted by .*2026\. After that the account goes on as before\.$/,
  );
});

it('says who accepted', () => {
  const facts = {
    agreement: 'terms',
    version: 1,
    title: 'Terms',
    textHash: '0'.repeat(64),
    acceptedAt: '2026-11-01T00:00:00Z',
    from: null,
  };
  const person = { personId: 'x', name: 'Ana' };
  expect(acceptedByInWords({ ...facts, how: 'person', person, role: 'approver' })).toBe('Ana, approver');
  expect(acceptedByInWords({ ...facts, how: 'elsewhere', person: null, role: null })).toMatch(
    /^Agreed elsewhere/,
  );
});
