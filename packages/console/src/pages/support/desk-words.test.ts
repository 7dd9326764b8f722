import { expect, it } from 'vitest';
import { deskInWords } from './desk-words.ts';

const none = { count: 0, overdue: 0, items: [] };
const quiet = {
  accountRequests: none,
  supportAccesses: { open: 0, asked: 0, items: [] },
  recoveries: none,
  failedMails: none,
  accounts: { newest: [], withoutAdministrator: none },
};

it('says what waits, and nothing of queues that the person does not see', () => {
  expect(deskInWords(quiet)).toBe('Nothing waits for you.');
  const busy = {
    ...quiet,
    accountRequests: { count: 2, overdue: 1, items: [] },
    failedMails: { count: 1, items: [] },
    accounts: { newest: [], withoutAdministrator: { count: 3, items: [] } },
  };
  expect(deskInWords(busy)).toBe(
    '2 requests to review, 1 review overdue, 1 mail that could not be sent, 3 accounts without an administrator.',
  );
  expect(deskInWords({ ...busy, accountRequests: null, failedMails: null })).toBe(
    '3 accounts without an administrator.',
  );
});
