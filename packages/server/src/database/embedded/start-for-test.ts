/**
 * A process that starts the embedded database in the folder given as its argument and holds it until killed: tests
 * use it for what only another process can show. Prints one line of JSON: the start, or the refusal.
 */
import { startEmbeddedDatabase } from './embedded-database.ts';

const [dataFolder = '', uid] = process.argv.slice(2);
if (uid !== undefined) {
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
const quiet = () => undefined;
try {
  const database = await startEmbeddedDatabase({
    dataFolder,
    log: { info: quiet, warn: quiet, error: quiet },
  });
  const { connectionString, adopted } = database;
  process.stdout.write(`${JSON.stringify({ connectionString, adopted, processId: database.processId() })}\n`);
  process.on('SIGTERM', () => void database.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
} catch (thrown) {
  process.stdout.write(`${JSON.stringify({ refusal: thrown instanceof Error ? thrown.message : thrown })}\n`);
  process.exitCode = 1;
}
