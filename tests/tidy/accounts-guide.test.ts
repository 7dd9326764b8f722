import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { accountActions, accountPolicy, accountRoles, type Reach } from '@estover/domain/access';
import { expect, it } from 'vitest';
import { actionWords } from '../../packages/console/src/action-words.ts';

const guide = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/accounts.md'), 'utf8');

const marks: Record<Reach, string> = {
  all: '●',
  assigned: '○',
  'assigned-not-default': '○ not the default',
  none: '–',
};

it('the table of roles in the guide is the policy', () => {
  const rows = accountActions.map(
    (action) =>
      `| ${actionWords[action]} | ${accountRoles.map((role) => marks[accountPolicy[action][role]]).join(' | ')} |`,
  );
  const [, ...written] = guide.split('|---|---|---|---|---|---|---|\n');
  expect(written.join('').split('\n\n')[0]?.split('\n')).toEqual(rows);
});
