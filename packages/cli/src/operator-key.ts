import { parseArgs } from 'node:util';
import type { Command } from './command.ts';

/** `estover operator-key`: prints a new key for `ESTOVER_OPERATOR_KEY`. */
export const operatorKey: Command = {
  name: 'operator-key',
  summary: 'print a new key for ESTOVER_OPERATOR_KEY',
  help: `Usage: estover operator-key

Prints a new random key. Set it as ESTOVER_OPERATOR_KEY before the first start: that start makes it an API key
with which programs act as an operator. Nothing is kept by this command.`,

  async run(words) {
    parseArgs({ args: [...words], options: {} });
    const { newOperatorKey } = await import('@estover/server/process');
    console.log(newOperatorKey());
    return 0;
  },
};
