import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { newOperatorKey } from './operator-key.ts';

function logTo(logFormat: 'json' | 'pretty') {
  const lines: string[] = [];
  const log = createLog({ logLevel: 'info', logFormat }, { write: (line: string) => void lines.push(line) });
  return { log, lines };
}

test.each(['json', 'pretty'] as const)('no secret gets into a log (%s)', (logFormat) => {
  const { log, lines } = logTo(logFormat);
  const key = newOperatorKey();
  log.info({ password: 'hunter2', account: { token: 'hunter2' }, headers: { cookie: 'hunter2' } }, 'fields');
  log.info({ req: { method: 'GET', url: '/sign-in?link=hunter2' } }, 'a request');
  log.warn({ err: new Error('cannot reach postgres://estover:hunter2@db.example/x') }, 'an error');
  log.error(
    { err: Object.assign(new Error('duplicate'), { detail: 'Key (email)=(hunter2)' }) },
    'of the database',
  );
  log.info({}, `somebody sent ${key}`);
  const all = lines.join('');
  expect(lines).toHaveLength(5);
  expect(all).not.toContain('hunter2');
  expect(all).not.toContain(key);
  for (const kept of ['fields', '/sign-in', 'db.example', 'duplicate', 'esak_[left out]'])
    expect(all).toContain(kept);
});

test.each(['json', 'pretty'] as const)(
  'no name writes a line of its own, or turns one around (%s)',
  (logFormat) => {
    const { log, lines } = logTo(logFormat);
    const forged = '12:00:00 error Everything is lost';
    const names = [
      '\r\n',
      '\n',
      '\u2028',
      '\u0085',
      '\u202e',
      '\u2066',
      '\u001b[2J',
      '\u0000',
      '\u009b',
      '😀',
    ].map((sign) => `Ana${sign}${forged}`);
    for (const name of names) {
      log.warn({ name, inside: { name } }, `refused ${name}`);
      log.error({ err: new Error(name) }, 'an error');
    }
    expect(lines).toHaveLength(names.length * 2);
    const all = lines.join('');
    expect(all).not.toMatch(/(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    const written = all.split('\n').filter((line) => line !== '');
    if (logFormat === 'json') expect(written).toHaveLength(names.length * 2);
    expect(written.filter((line) => line.startsWith(forged))).toEqual([]);
    expect(all).toContain('\\u202e');
    expect(all).toContain('😀');
    if (logFormat === 'json') expect(JSON.parse(written[8] ?? '')).toMatchObject({ name: names[4] });
  },
);

test('lines for machines are JSON with level, time and message', () => {
  const { log, lines } = logTo('json');
  log.warn({ asked: 5432 }, 'The port is taken');
  log.debug({}, 'too low');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    asked: 5432,
    msg: 'The port is taken',
  });
});

test('lines for people read well', () => {
  const { log, lines } = logTo('pretty');
  log.warn({ asked: 5432, why: 'two words' }, 'The port is taken');
  expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d warn {2}The port is taken asked=5432 why="two words"\n$/);
});
