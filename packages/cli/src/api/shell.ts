import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Terminal } from '../run.ts';

/** What a command has around it: its variables, its lines in and out, the network and the time. */
export interface Shell extends Terminal {
  environment: Readonly<Record<string, string | undefined>>;
  /** Whether somebody sits there who can be asked. */
  isInteractive: boolean;
  /** Columns of the screen; null where what is printed is not looked at but kept. */
  width: number | null;
  /** Where the files are that are named. */
  folder: string;
  /** Writes a piece of a file to the output, at the pace at which it is taken. */
  write(piece: Uint8Array): Promise<void>;
  /** Asks for a line; what is secret is not shown while it is typed. */
  ask(question: string, secret?: boolean): Promise<string>;
  /** All of the input, or of a file. */
  read(file: string): Promise<string>;
  fetch: typeof globalThis.fetch;
  sleep(milliseconds: number): Promise<void>;
}

/** The shell of a real process. */
export function processShell(terminal: Terminal): Shell {
  const { stdin, stdout, stderr } = process;
  // Whoever reads the output may have seen enough, as `head` has after ten lines.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    ...terminal,
    environment: process.env,
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    folder: process.cwd(),
    width: stdout.isTTY === true ? stdout.columns : null,
    write: (piece) =>
      new Promise((resolve, reject) =>
        stdout.write(piece, (error) => (error instanceof Error ? reject(error) : resolve())),
      ),
    ask: (question, secret = false) => askLine(question, secret),
    read: (file) => text(file === '-' ? stdin : createReadStream(file)),
    fetch: globalThis.fetch,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/** The answer comes from the terminal; where there is none, it is the first line of the input, for scripts. */
async function askLine(question: string, secret: boolean): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true) return ((await text(stdin)).split('\n')[0] ?? '').trim();
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  if (secret) stderr.write(question);
  // Without a way to write to, the line editor shows nothing of what is typed.
  const silent = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: secret ? silent : stderr, terminal: true });
  try {
    return (await lines.question(secret ? '' : question)).trim();
  } finally {
    lines.close();
    if (secret) stderr.write('\n');
  }
}
