import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';

/** `estover demo`: a company with its licenses, fifty agents that use them, and the console. */
export const demo: Command = {
  name: 'demo',
  summary: 'show the main job: a company, its orders, fifty agents, and the console',
  help: `Usage: estover demo [--data-folder <path>] [--port <number>] [--agents <number>] [--once]

Starts a server with its own database, imports order files of a believable company, lets agents register and use
licenses, and goes on with a little life until Ctrl+C. A second start continues with the same data.

  --data-folder <path>   where the demo is kept (.estover/demo); delete the folder to start afresh
  --port <number>        what to listen on (8080, or a free one when it is taken)
  --agents <number>      how many agents, 0 to 50 (50)
  --once                 stop when everything is set up`,

  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        'data-folder': { type: 'string', default: '.estover/demo' },
        port: { type: 'string', default: '8080' },
        agents: { type: 'string', default: '50' },
        once: { type: 'boolean', default: false },
      },
    });
    const agents = Number(values.agents);
    if (!Number.isInteger(agents) || agents < 0 || agents > 50) {
      throw new UsageError(`--agents is ${values.agents} and should be a whole number from 0 to 50.`);
    }
    // Loaded only here: the other commands start faster without it.
    const { runDemo } = await import('./run-demo.ts');
    return runDemo({
      dataFolder: resolve(values['data-folder']),
      port: values.port,
      agents,
      once: values.once,
    });
  },
};
