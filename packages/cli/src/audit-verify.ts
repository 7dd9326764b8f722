import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';

/** `estover audit verify`: recounts the chains of events and says where they do not hold. */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'check that no event was changed, removed or slipped in',
  help: `Usage: estover audit verify [--data-folder <path>] [--account <id>] [--head <batch>:<hash>] [--json]

Recounts the hash chains of all events, or of one account. May run beside the server. DATABASE_URL names an external
database. Ends with 0 when every chain holds, with 1 when one does not.

  --data-folder <path>     the server's data folder (ESTOVER_DATA_FOLDER, .estover)
  --account <id>           only this account's chain
  --head <batch>:<hash>    a head you kept: that batch must still have this hash (needs --account)
  --json                   print the report as JSON`,

  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        'data-folder': { type: 'string' },
        account: { type: 'string' },
        head: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const kept = values.head === undefined ? null : /^(\d+):([0-9a-f]{64})$/.exec(values.head);
    if (values.head !== undefined && (kept === null || values.account === undefined)) {
      throw new UsageError('--head takes <batch>:<64 hex digits> and needs --account.');
    }
    const { loadConfig, withDatabase, verifyEvents } = await import('@estover/server/process');
    const dataFolder = values['data-folder'];
    const config = await loadConfig({
      environment: process.env,
      options: dataFolder === undefined ? {} : { dataFolder },
    });
    const head = kept === null ? undefined : { batchNumber: Number(kept[1]), hash: kept[2] as string };
    const reports = await withDatabase(config, (db) => verifyEvents(db, values.account, head), {
      migrates: false,
    });
    if (values.json) console.log(JSON.stringify(reports, null, 2));
    else if (reports.length === 0) console.log('There are no events yet.');
    else {
      for (const { accountId, batches, events, unsealed, head: last, restores, fault } of reports) {
        const waiting = unsealed === 0 ? '' : `, ${unsealed} wait to be sealed`;
        console.log(
          fault === null
            ? `holds   ${accountId}  ${events} events in ${batches} batches${waiting}${last === null ? '' : `  head ${last.batchNumber}:${last.hash}`}`
            : `BROKEN  ${accountId}  batch ${fault.batchNumber}${fault.eventId === null ? '' : `, event ${fault.eventId}`}: ${fault.what}`,
        );
        for (const { fromBatch, epoch } of restores) {
          console.log(
            `        continued after the restore of a backup from batch ${fromBatch} on (epoch ${epoch})`,
          );
        }
      }
    }
    return reports.some((report) => report.fault !== null) ? 1 : 0;
  },
};
