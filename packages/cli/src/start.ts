import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { provideConsole } from './console-files.ts';

/** `estover start`: runs the server until it is told to stop. */
export const start: Command = {
  name: 'start',
  summary: 'run the server until Ctrl+C or SIGTERM',
  help: `Usage: estover start [--data-folder <path>] [--host <address>] [--port <number>]

Runs the server. Without DATABASE_URL it brings its own database, kept in the data folder.

  --data-folder <path>   where everything is kept (ESTOVER_DATA_FOLDER, .estover)
  --host <address>       what to listen on (ESTOVER_HOST, 127.0.0.1)
  --port <number>        0 for a free one (ESTOVER_PORT, 8080)

More settings come from variables: DATABASE_URL, ESTOVER_PUBLIC_URL, ESTOVER_TLS_CERTIFICATE_FILE,
ESTOVER_TLS_KEY_FILE, ESTOVER_TRUST_PROXY, ESTOVER_LOG_LEVEL, ESTOVER_LOG_FORMAT, ESTOVER_OPERATOR_KEY,
ESTOVER_ENCRYPTION_KEY, ESTOVER_SMTP_URL, ESTOVER_MAIL_FROM, ESTOVER_REFERENCE, ESTOVER_METRICS and the limits of
lines that docs/operations.md lists; or from a JSON file named by ESTOVER_CONFIG, estover.json in the data folder otherwise.`,

  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        'data-folder': { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
      },
    });
    const { 'data-folder': dataFolder, host, port } = values;
    const { createLog, loadConfig, runUntilStopped, startServerProcess } = await import(
      '@estover/server/process'
    );
    const config = await loadConfig({
      environment: process.env,
      options: {
        ...(dataFolder !== undefined && { dataFolder }),
        ...(host !== undefined && { host }),
        ...(port !== undefined && { port }),
      },
      interactive: process.stdout.isTTY === true,
    });
    const log = createLog(config);
    return runUntilStopped(async () => {
      // The application is loaded only for a configuration that can be used.
      const { assembleServer } = await import('@estover/server/assemble');
      const consoleFolder = await provideConsole((what) => log.info({}, what));
      const server = await startServerProcess(config, log, (parts) =>
        assembleServer(parts, {
          consoleFolder,
          // Printed and not logged: logs are kept, and read by others.
          announceSetUp: (link) =>
            console.error(`\nMake the first operator with this link, which works once:\n\n  ${link}\n`),
        }),
      );
      log.info({ address: server.address, publicUrl: server.publicUrl }, 'Estover is ready');
      return server;
    }, log);
  },
};
