import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { needsSecureLine, problemOf, sendBySmtp } from './smtp.ts';

it.each([
  ['smtp://user:secret@mail.example:587', true],
  ['smtp://user@mail.example', true],
  ['smtp://mail.example', false],
  ['smtp://user:secret@127.0.0.1:2525', false],
  ['smtp://user:secret@[::1]', false],
  ['smtp://user:secret@127.0.0.1.example', true],
])('sends no password over an open line: %s', (url, expected) => {
  expect(needsSecureLine(url)).toBe(expected);
});

it('shows neither the password of the mail server nor a link that the mail server quotes', () => {
  const smtpUrl = 'smtp://bob:s3cret%40pw@mail.example';
  const echoed = Buffer.from('\0bob\0s3cret@pw').toString('base64');
  const error = new Error(
    `501 cannot parse "AUTH PLAIN ${echoed}" s3cret@pw http://x/reset-password#espr_abc`,
  );
  const problem = problemOf(error, { smtpUrl, secrets: ['espr_abc'] });
  expect(problem).toBe(
    '501 cannot parse "AUTH PLAIN [left out]" [left out] http://x/reset-password#[left out]',
  );
});

/** A mail server that writes down every byte it is sent. */
async function recordingServer() {
  let bytes = '';
  const server = createServer((line) => {
    let isContent = false;
    line.write('220 mail.example\r\n');
    line.on('error', () => {});
    line.on('data', (piece: Buffer) => {
      const text = piece.toString('latin1');
      bytes += text;
      if (isContent && !text.endsWith('\r\n.\r\n')) return;
      const isToCome = /^DATA\r\n$/m.test(text) && !isContent;
      line.write(isToCome ? '354 go on\r\n' : '250 mail.example\r\n');
      isContent = isToCome;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const smtpUrl = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { smtpUrl, sent: () => bytes, close: () => server.close() };
}

it.each([
  ['ana@x.example', 'Hello\r\nBcc: evil@y.example'],
  ['ana@x.example', 'Hello\nX-Evil: 1\n\nAnother text'],
  ['ana@x.example\r\nRCPT TO:<evil@y.example>', 'Hello'],
  ['ana@x.example\nBcc: evil@y.example', 'Hello'],
  ['ana@x.example, evil@y.example', 'Hello'],
  ['"ana@x.example> evil"@y.example', 'Hello'],
  ['ana@x.example', '\u202e=cmd()\u0000 <img onerror> 😀 '.repeat(400)],
])('sends %j with the subject %j no further command, recipient or header', async (to, subject) => {
  const recording = await recordingServer();
  const mail = { mailId: 'm1', to, subject, text: 'Good day\r\n.\r\nQUIT', html: '<p>Good day</p>' };
  const from = { name: 'Estover\r\nBcc: evil@y.example', address: 'licenses@vendor.example' };
  // An address that cannot be written is refused before anything is sent to it.
  await sendBySmtp({ smtpUrl: recording.smtpUrl, from }, mail, 3_000).done.catch(() => {});
  recording.close();
  const lines = recording.sent().split('\r\n');
  const commands = lines.filter((line) => /^(MAIL|RCPT|DATA|RSET|VRFY)/.test(line));
  expect(commands.filter((line) => line.startsWith('RCPT')).length).toBeLessThanOrEqual(1);
  expect(commands.filter((line) => line === 'DATA').length).toBeLessThanOrEqual(1);
  const headers = lines.slice(lines.indexOf('DATA') + 1);
  const names = headers.slice(0, headers.indexOf('')).flatMap((line) => /^([\w-]+):/.exec(line)?.[1] ?? []);
  expect(names).not.toContain('Bcc');
  expect(names).not.toContain('X-Evil');
  // A dot alone in the text would end it, and what follows would be a command.
  expect(lines.filter((line) => line === '.').length).toBeLessThanOrEqual(1);
  expect(recording.sent()).not.toContain('\0');
  expect(recording.sent()).not.toMatch(/[^\r]\n/);
  if (!to.includes('evil'))
    expect(commands).toEqual([expect.stringContaining('MAIL FROM'), 'RCPT TO:<ana@x.example>', 'DATA']);
});
