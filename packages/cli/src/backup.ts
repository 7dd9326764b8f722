import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { rowProgress } from './row-progress.ts';

/** `estover backup`: the whole installation, as it is at one moment, in one file. */
export const backup: Command = {
  name: 'backup',
  summary: 'write the whole installation to one file, beside a running server',
  help: `Usage: estover backup <file> [--data-folder <path>]

Writes everything the installation keeps, as it is at one moment, to a new file. The server goes on working meanwhile.
DATABASE_URL names an external database. Keep the installation's encryption key as well, in another place: the file
encryption.key of the data folder, or the value of ESTOVER_ENCRYPTION_KEY. A backup cannot be restored without it.

  --data-folder <path>  the server's data folder (ESTOVER_DATA_FOLDER, .estover)`,

  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { 'data-folder': { type: 'string' } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError('backup takes the name of one new file.');
    const { backUp, loadConfig } = await import('@estover/server/process');
    const dataFolder = values['data-folder'];
    const config = await loadConfig({
      environment: process.env,
      options: dataFolder === undefined ? {} : { dataFolder },
    });
    const { takenAt, tables } = await backUp(config, file, rowProgress());
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    console.log(
      `Wrote ${rows} rows, as they were at ${takenAt}, to ${file}. Keep the encryption key in another place.`,
    );
    return 0;
  },
};
