#!/usr/bin/env node
import { commands } from './commands.ts';
import { run } from './run.ts';

const terminal = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
const code = await run(process.argv.slice(2), commands, terminal);
// Ends here even if something forgot to let go, once everything written has left the process.
process.stdout.write('', () => process.exit(code));
