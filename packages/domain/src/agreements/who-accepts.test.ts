import { expect, it } from 'vitest';
import { accountKinds } from '../accounts/account-kind.ts';
import { judgeAccepting } from './who-accepts.ts';

it.each([
  ['whose address names the account', 'una@gmail.com', false, 'customer holding limited-use'],
  ['who created it, with another address by now', 'una@post.example', true, 'customer holding limited-use'],
  ['of another company', 'pat@partner.example', false, 'customer holding'],
  ['of the same public mail domain', 'pat@gmail.com', false, 'customer holding'],
])('lets somebody %s accept for accounts of these kinds', (_, email, createdIt, kinds) => {
  const accepting = accountKinds.filter(
    (kind) => judgeAccepting({ kind, domainIdentifier: 'una@gmail.com' }, { email, createdIt }).ok,
  );
  expect(accepting.join(' ')).toBe(kinds);
});
