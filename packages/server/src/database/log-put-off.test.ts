import { expect, it } from 'vitest';
import { logPutOff } from './log-put-off.ts';

function levelsOf(error: unknown): string[] {
  const levels: string[] = [];
  const at = (level: string) => () => void levels.push(level);
  logPutOff({ error: at('error'), warn: at('warn') }, error, 'a job failed', { job: 'send-mails' });
  return levels;
}

it.each([
  ['a connection that is refused', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'warn'],
  ['a database that starts', Object.assign(new Error('starting up'), { code: '57P03' }), 'warn'],
  ['a full disk', Object.assign(new Error('could not extend file'), { code: '53100' }), 'warn'],
  ['a statement that is wrong', Object.assign(new Error('no such column'), { code: '42703' }), 'error'],
  ['a mistake in the code', new TypeError('x is not a function'), 'error'],
])('%s', (_, error, level) => {
  expect(levelsOf(error)).toEqual([level]);
});
