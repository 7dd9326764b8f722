import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';

interface KeptHead {
  batchNumber: number;
  hash: string;
}

interface Options {
  dataFolder: string | undefined;
  account: string | undefined;
  trust: string | undefined;
  head: KeptHead | undefined;
  json: boolean;
}

/** `estover audit verify`: recounts the chains of events and says where they do not hold. */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'check that no event was changed, removed or slipped in',
  help: `Usage: estover audit verify [--data-folder <path>] [--account <id>] [--head <batch>:<hash>] [--json]
       estover audit verify <file> [--trust <url>] [--head <batch>:<hash>] [--json]

Recounts the hash chains of all events, or of one account. May run beside the server. DATABASE_URL names an external
database. With a file, which an account's people download from its page of events, it needs no server and no database:
it recounts that chain, and checks that the installation signed its end. Ends with 0 when every chain holds, with 1
when one does not.

  --data-folder <path>     the server's data folder (ESTOVER_DATA_FOLDER, .estover)
  --account <id>           only this account's chain
  --trust <url>            the installation's address: the file must be signed by a key that it trusts
  --head <batch>:<hash>    a head you kept: that batch must still have this hash (needs --account or a file)
  --json                   print the report as JSON`,

  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        'data-folder': { type: 'string' },
        account: { type: 'string' },
        trust: { type: 'string' },
        head: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [file, ...more] = positionals;
    if (more.length > 0) throw new UsageError(`One file at a time, please; found ${positionals.join(' ')}.`);
    const { 'data-folder': dataFolder, account, trust, json } = values;
    if (file !== undefined && (account !== undefined || dataFolder !== undefined)) {
      throw new UsageError('A file is of one account and needs no data folder.');
    }
    if (file === undefined && trust !== undefined) throw new UsageError('--trust needs a file.');
    const kept = values.head === undefined ? null : /^(\d+):([0-9a-f]{64})$/.exec(values.head);
    if (values.head !== undefined && (kept === null || (account === undefined && file === undefined))) {
      throw new UsageError('--head takes <batch>:<64 hex digits> and needs --account or a file.');
    }
    const head = kept === null ? undefined : { batchNumber: Number(kept[1]), hash: kept[2] as string };
    const options: Options = { dataFolder, account, trust, head, json };
    return file === undefined ? verifyDatabase(options) : verifyFile(file, options);
  },
};

async function verifyDatabase({ dataFolder, account, head, json }: Options): Promise<number> {
  const { loadConfig, withDatabase, verifyEvents } = await import('@estover/server/process');
  const config = await loadConfig({
    environment: process.env,
    options: dataFolder === undefined ? {} : { dataFolder },
  });
  const reports = await withDatabase(config, (db) => verifyEvents(db, account, head), { migrates: false });
  if (json) console.log(JSON.stringify(reports, null, 2));
  else if (reports.length === 0) console.log('There are no events yet.');
  else {
    for (const { accountId, batches, events, unsealed, head: last, restores, fault } of reports) {
      const waiting = unsealed === 0 ? '' : `, ${unsealed} wait to be sealed`;
      console.log(
        fault === null
          ? `holds   ${accountId}  ${events} events in ${batches} batches${waiting}${last === null ? '' : `  head ${last.batchNumber}:${last.hash}`}`
          : `BROKEN  ${accountId}  ${inWords(fault)}`,
      );
      for (const { fromBatch, epoch } of restores) {
        console.log(
          `        continued after the restore of a backup from batch ${fromBatch} on (epoch ${epoch})`,
        );
      }
    }
  }
  return reports.some((report) => report.fault !== null) ? 1 : 0;
}

async function verifyFile(file: string, { trust, head, json }: Options): Promise<number> {
  const { ChainFileError, verifyChainFile } = await import('@estover/server/process');
  // First, because lines that come while the keys are on their way would be lost.
  const trusted = trust === undefined ? undefined : await keysOf(trust);
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    const report = await verifyChainFile(lines, {
      ...(trusted === undefined ? {} : { trusted }),
      ...(head === undefined ? {} : { keptHead: head }),
    });
    const isRight = report.fault === null && report.isTrusted !== false;
    if (json) console.log(JSON.stringify(report, null, 2));
    else if (report.fault !== null) {
      console.log(`BROKEN  ${report.accountName} (${report.accountId})  ${inWords(report.fault)}`);
    } else {
      const { batches, events, unsealed, head: last } = report;
      const waiting = unsealed === 0 ? '' : `; ${unsealed} were not sealed yet and are not in the file`;
      console.log(
        `holds   ${report.accountName} (${report.accountId})  ${events} events in ${batches} batches, written ${report.writtenAt}${waiting}`,
      );
      if (last !== null) console.log(`        head ${last.batchNumber}:${last.hash}`);
      console.log(`        ${signatureInWords(report, trust)}`);
    }
    return isRight ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ChainFileError) && !isFileProblem(error)) throw error;
    console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    lines.close();
  }
}

function signatureInWords(
  {
    signedBy,
    isTrusted,
    installationId,
  }: { signedBy: string | null; isTrusted: boolean | null; installationId: string },
  trust: string | undefined,
): string {
  if (signedBy === null) return 'nothing was sealed yet, so nothing is signed';
  if (isTrusted === true) return `signed by the key ${signedBy}, which ${trust} trusts`;
  if (isTrusted === false) return `NOT TRUSTED: signed by the key ${signedBy}, which ${trust} does not know`;
  return `signed by the key ${signedBy} of the installation ${installationId}; with --trust <its address> it is compared with the keys of that server`;
}

const inWords = (fault: { batchNumber: number; eventId: string | null; what: string }): string =>
  `batch ${fault.batchNumber}${fault.eventId === null ? '' : `, event ${fault.eventId}`}: ${fault.what}`;

/** The keys that an installation trusts, from the document that product instances read as well. */
async function keysOf(address: string): Promise<import('@estover/server/process').HeadKey[]> {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new UsageError('--trust takes an address such as https://licenses.example.com.');
  }
  const { trustPath, trustSchema } = await import('@estover/protocol/device');
  const response = await fetch(new URL(trustPath, address));
  if (!response.ok) throw new UsageError(`${response.url} answers ${response.status}.`);
  return trustSchema.parse(await response.json()).signingKeys.keys;
}

const isFileProblem = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(ENOENT|EISDIR|EACCES)$/.test(String(error.code));
