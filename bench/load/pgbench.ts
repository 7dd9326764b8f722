import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cpuMsOf } from '../harness/processes.ts';
import type { Fleet } from './fleet.ts';
import { idSql, placeSql } from './seed-instances.ts';

/** Where Debian keeps programs of PostgreSQL that are not in the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** The program pgbench of this machine; undefined when there is none. The embedded database brings none. */
export function findPgbench(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ]
    .map((folder) => join(folder, 'pgbench'))
    .find((program) => existsSync(program));
}

/**
 * What one report of changed use needs, as a transaction of its own: the instance is locked and read, the message kept
 * with its answer, the use and its history written, the contact noted, and the pool counted last, so that its row is
 * locked as short as can be. Texts are as long as the real ones. The reason in the history tells these rows from those
 * of the server, and the sequence number stays, so that the instances can go on sending real messages.
 */
function script({ seeded: { accountId, licenseId, tag, instances, pools } }: Fleet): string {
  const account = `'${accountId}'::uuid`;
  const instance = idSql('instance', ':n::bigint');
  const virtualAccount = idSql('virtualAccount', placeSql(':n::bigint', pools));
  const request = 'q'.repeat(220);
  const answer = 'a'.repeat(480);
  return `\\set n random(1, ${instances})
begin;
select 1 from instance_contacts where account_id = ${account} and instance_id = ${instance} for update;
select p.*, c.*, a.status, u.count as before from product_instances p
  join instance_contacts c using (account_id, instance_id) join accounts a using (account_id)
  join instance_usage u using (account_id, instance_id)
 where account_id = ${account} and instance_id = ${instance} and u.tag = '${tag}' \\gset
insert into device_messages (account_id, instance_id, message_id, kind, request, answer, at)
values (${account}, ${instance}, gen_random_uuid(), 'authorize', '${request}', '${answer}', now());
insert into instance_usage (account_id, instance_id, tag, license_id, virtual_account_id, count, changed_at)
values (${account}, ${instance}, '${tag}', '${licenseId}', ${virtualAccount}, 3 - :before::bigint, now())
    on conflict (account_id, instance_id, tag) do update set license_id = excluded.license_id,
       virtual_account_id = excluded.virtual_account_id, count = excluded.count, changed_at = excluded.changed_at;
insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count, to_count, reason)
values (${account}, uuidv7(), now(), ${instance}, '${licenseId}', ${virtualAccount}, :before::bigint, 3 - :before::bigint, 'silent');
update instance_contacts set last_contact_at = now(), next_contact_by = now() + interval '30 days',
       deadline_at = now() + interval '90 days'
 where account_id = ${account} and instance_id = ${instance};
update pools set in_use = in_use + 3 - 2 * :before::bigint
 where account_id = ${account} and virtual_account_id = ${virtualAccount} and license_id = '${licenseId}';
commit;
`;
}

export interface PgbenchResult {
  readonly perSecond: number;
  /** Microseconds of the database's processor time for each transaction; undefined without /proc. */
  readonly databaseUs: number | undefined;
}

/** Lets pgbench do the work of reports on the fleet's own data, each in a transaction of its own. */
export async function runPgbench(
  program: string,
  fleet: Fleet,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<PgbenchResult> {
  const { bench, database } = fleet;
  const file = join(await bench.folder(), 'report.sql');
  await writeFile(file, script(fleet));
  const url = new URL(database.connectionString);
  const child = spawn(
    program,
    ['-n', '-M', 'prepared', '-c', `${clients}`, '-j', '2', '-T', `${seconds}`, '-f', file],
    {
      env: {
        PATH: process.env.PATH,
        PGHOST: url.searchParams.get('host') ?? url.hostname,
        PGPORT: url.searchParams.get('port') ?? url.port,
        PGUSER: decodeURIComponent(url.username),
        PGPASSWORD: decodeURIComponent(url.password),
        PGDATABASE: url.pathname.slice(1),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  bench.afterwards(async () => child.kill());
  const main = bench.databaseProcess();
  const cpuBefore = main === undefined ? undefined : cpuMsOf(main);
  let said = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise;
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
  const transactions = Number(/transactions actually processed: (\d+)/.exec(said)?.[1]);
  if (code !== 0 || !(perSecond > 0)) throw new Error(`pgbench failed: ${complained || said}`);
  const cpuAfter = main === undefined ? undefined : cpuMsOf(main);
  const databaseUs =
    cpuBefore === undefined || cpuAfter === undefined
      ? undefined
      : ((cpuAfter - cpuBefore) * 1000) / transactions;
  return { perSecond, databaseUs };
}
