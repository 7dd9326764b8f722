#!/usr/bin/env -S node --max-semi-space-size=16
// The space for new objects grows to its limit while modules are loaded and never shrinks: without this limit an idle
// server would hold 30 MB for nothing. A larger one made no measurable difference under load.
import { commands } from './commands.ts';
import { run } from './run.ts';

const terminal = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
const code = await run(process.argv.slice(2), commands, terminal);
// Ends here even if something forgot to let go, once everything written has left the process.
process.stdout.write('', () => process.exit(code));
