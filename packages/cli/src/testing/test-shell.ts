import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { serverCommands } from '../api/index.ts';
import type { Shell } from '../api/shell.ts';
import { commands } from '../commands.ts';
import { run } from '../run.ts';

export interface TestShellOptions {
  environment?: Record<string, string>;
  /** Where files are read and written. */
  folder?: string;
  isInteractive?: boolean;
  /** What is typed, one for each question. */
  answers?: readonly string[];
  /** What comes in where a command reads the input. */
  input?: string;
  fetch?: typeof globalThis.fetch;
}

/** What a command did: its exit code and all it said. */
export interface Ran {
  code: number;
  out: string;
  err: string;
  /** Both as they stand on a screen, with the questions. */
  screen: string;
  /** Questions that were asked; secret ones begin with `(secret) `. */
  asked: string[];
  /** Pauses, in seconds, of which none took any time. */
  slept: number[];
}

/** Runs a line of words in a shell of its own, with all commands there are. */
export async function runLine(words: readonly string[], options: TestShellOptions = {}): Promise<Ran> {
  const { environment = {}, folder = '/', isInteractive = false, input = '' } = options;
  const answers = [...(options.answers ?? [])];
  const out: string[] = [];
  const err: string[] = [];
  const screen: string[] = [];
  const asked: string[] = [];
  const slept: number[] = [];
  const into = (lines: string[]) => (text: string) => {
    lines.push(text);
    screen.push(text);
  };
  const terminal = { out: into(out), err: into(err) };
  const shell: Shell = {
    ...terminal,
    environment,
    folder,
    isInteractive,
    width: null,
    write: async (piece) => terminal.out(Buffer.from(piece).toString('utf8')),
    async ask(question, secret = false) {
      asked.push(`${secret ? '(secret) ' : ''}${question}`);
      screen.push(question.trimEnd());
      return answers.shift() ?? '';
    },
    read: async (file) => (file === '-' ? input : readFile(resolve(folder, file), 'utf8')),
    fetch: options.fetch ?? globalThis.fetch,
    sleep: async (milliseconds) => void slept.push(milliseconds / 1000),
  };
  const code = await run(words, commands, terminal, async () => serverCommands(shell));
  return { code, out: out.join('\n'), err: err.join('\n'), screen: screen.join('\n'), asked, slept };
}

/** The words of a line as a shell splits them: quotes, and a backslash before what stands for itself. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [, word = ''] of line.matchAll(/\s*((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+)/gs)) {
    words.push(
      word.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/gs, (_, single, double, one) => single ?? double ?? one),
    );
  }
  return words;
}
