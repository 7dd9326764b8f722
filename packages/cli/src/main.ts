#!/usr/bin/env -S node --max-semi-space-size=16
// The space for new objects grows to its limit while modules are loaded and never shrinks: without this limit an idle
// server would hold 30 MB for nothing. A larger one made no measurable difference under load.
import { commands } from './commands.ts';
import { run } from './run.ts';

const terminal = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
// Loaded only where they are asked for: the server itself starts without them.
const serverCommands = async () => {
  const [api, { processShell }] = await Promise.all([import('./api/index.ts'), import('./api/shell.ts')]);
  return api.serverCommands(processShell(terminal));
};
const code = await run(process.argv.slice(2), commands, terminal, serverCommands);
// Ends here even if something forgot to let go, once everything written has left the process.
process.stdout.write('', () => process.exit(code));
