import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { rowProgress } from './row-progress.ts';
import { toLookThrough } from './to-look-through.ts';

/** `estover restore`: puts a backup into an empty place, or in the place of what is there. */
export const restore: Command = {
  name: 'restore',
  summary: 'put a backup into an empty data folder or database',
  help: `Usage: estover restore <file> [--data-folder <path>] [--replace]

Puts a backup into the data folder's database, which is made when there is none, or into the empty database that
DATABASE_URL names. The encryption key of the installation must be there: as the file encryption.key in the data
folder, or as ESTOVER_ENCRYPTION_KEY. No server may run on the database meanwhile. All of the backup is restored or
nothing.

What happened after the backup is not known to the restored installation. It signs everybody out, and ends invitations
and registration tokens with a limited number of uses, because they may have been used since. Other registration
tokens and API keys work as they did, also those that were revoked since: it names them, to be looked through.

  --data-folder <path>  the server's data folder (ESTOVER_DATA_FOLDER, .estover)
  --replace             remove the installation that is there, with everything it has, and put the backup in its place`,

  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { 'data-folder': { type: 'string' }, replace: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0)
      throw new UsageError('restore takes the name of one backup file.');
    const { createLog, loadConfig, restore: restoreInto } = await import('@estover/server/process');
    const dataFolder = values['data-folder'];
    const config = await loadConfig({
      environment: process.env,
      options: dataFolder === undefined ? {} : { dataFolder },
    });
    const log = createLog({ ...config, logLevel: 'warn' });
    const { replace } = values;
    const restored = await restoreInto(config, { file, replace, onProgress: rowProgress() }, log);
    if (restored.replaced !== null) console.log(`Replaced the installation ${restored.replaced}.`);
    console.log(
      `Restored the installation ${restored.installationId} as it was at ${restored.takenAt}: ${restored.rows} rows. Its epoch is ${restored.epoch} now.`,
    );
    if (restored.endedTokens > 0) {
      console.log(
        `Ended ${restored.endedTokens} registration tokens that may have been used since; their accounts are alerted to make new ones.`,
      );
    }
    for (const line of toLookThrough(restored.secretsToCheck)) console.log(line);
    console.log('Everybody signs in again. Start the server, and check it with estover doctor.');
    return 0;
  },
};
