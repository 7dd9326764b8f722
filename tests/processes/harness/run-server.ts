/**
 * A server process as `estover start` runs it, without the console, which would have to be built first. Configured by the
 * same variables. Prints its log as lines of JSON, among them `Estover is ready`.
 */
import { assembleServer } from '@estover/server/assemble';
import { createLog, loadConfig, runUntilStopped, startServerProcess } from '@estover/server/process';

// The test holds the other end: a server never outlives a test that was killed.
process.stdin.resume().on('end', () => process.exit(1));

const config = await loadConfig({ environment: process.env, options: {}, interactive: false });
const log = createLog(config);
const code = await runUntilStopped(async () => {
  const server = await startServerProcess(config, log, (parts) =>
    assembleServer(parts, { consoleFolder: null }),
  );
  log.info({ address: server.address }, 'Estover is ready');
  return server;
}, log);
process.stdout.write('', () => process.exit(code));
