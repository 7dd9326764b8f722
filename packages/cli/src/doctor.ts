import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';

/** `estover doctor`: recounts the whole installation and names what does not agree. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'recount everything and say what is wrong',
  help: `Usage: estover doctor [--data-folder <path>] [--account <id>] [--json]

Recounts all that the installation keeps: licenses and their movements, pools, use, compliance and its alerts,
tokens, virtual accounts, orders, the chains of events, the schema. It looks at one moment, reads only, and may run
beside the server. DATABASE_URL names an external database. Ends with 0 when everything agrees, with 1 when something
does not.

  --data-folder <path>  the server's data folder (ESTOVER_DATA_FOLDER, .estover)
  --account <id>        only what belongs to this account
  --json                print the report as JSON`,

  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        'data-folder': { type: 'string' },
        account: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { account: accountId } = values;
    if (accountId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(accountId)) {
      throw new UsageError('--account takes the id of an account, a UUID in small letters.');
    }
    const { describeFinding, examineInstallation, loadConfig, withDatabase } = await import(
      '@estover/server/process'
    );
    const dataFolder = values['data-folder'];
    const config = await loadConfig({
      environment: process.env,
      options: dataFolder === undefined ? {} : { dataFolder },
    });
    const startedAt = performance.now();
    const onLaw = (law: string, index: number, of: number) => {
      if (performance.now() - startedAt > 2_000) console.error(`${index + 1} of ${of}  ${law}`);
    };
    // A server of an older version may be running on this database, so its schema stays as it is.
    const { findings, more, laws, names } = await withDatabase(
      config,
      (db) => examineInstallation(db, { accountId, onLaw }),
      { migrates: false },
    );
    const healthy = findings.length === 0;
    if (values.json) {
      const named = Object.fromEntries(names);
      console.log(JSON.stringify({ healthy, findings, more, laws, names: named }, null, 2));
    } else {
      for (const finding of findings) console.log(`WRONG  ${describeFinding(finding, names)}`);
      for (const [law, count] of Object.entries(more)) console.log(`WRONG  ${law} ${count} more of these`);
      console.log(
        healthy
          ? `Everything agrees: ${laws.length} laws hold.`
          : 'Keep what you see here, make a backup, and tell whoever looks after this installation.',
      );
    }
    return healthy ? 0 : 1;
  },
};
