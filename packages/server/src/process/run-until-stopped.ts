import type { Logger } from 'pino';
import type { ServerProcess } from './server-process.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a server until SIGTERM or SIGINT and answers the exit code: 0 after a clean stop, 1 after an error nobody
 * caught. The first signal stops gracefully, also while the server still starts; a second one ends the process at
 * once, and the database then stops by itself.
 */
export async function runUntilStopped(start: () => Promise<ServerProcess>, log: Logger): Promise<number> {
  const { promise: told, resolve: tell } = Promise.withResolvers<number>();
  let signals = 0;
  let server: ServerProcess | undefined;
  const onSignal = (signal: keyof typeof SIGNALS) => {
    signals += 1;
    if (signals === 1) {
      log.info({ signal }, 'Stopping after what is under way; a second signal stops at once');
      tell(0);
      return;
    }
    server?.abandon();
    process.exit(SIGNALS[signal]);
  };
  const onUncaught = (thrown: unknown) => {
    log.fatal({ err: thrown }, 'An error that nobody caught; stopping');
    tell(1);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
  try {
    server = await start();
    const code = await told;
    await server.stop();
    log.info({}, 'Stopped');
    return code;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught);
  }
}
