import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { logPutOff } from '../database/log-put-off.ts';
import { type JobDependencies, jobs, runAllJobs } from './jobs.ts';

export interface RunningJobs {
  /** Waits for the jobs under way, at most ten seconds. */
  stop(): Promise<void>;
}

/** The schedule's own statements are short; one that takes longer has lost its line. */
const scheduleAnswersWithinMs = 30_000;

/**
 * Starts the schedule. Every server of an installation does; each due run is done by one of them. What became due while
 * no server ran is caught up at once.
 */
export async function startJobs(
  connectionString: string,
  dependencies: JobDependencies,
  log: Pick<Logger, 'error' | 'warn'>,
): Promise<RunningJobs> {
  // The library hands to the driver whatever it does not know itself.
  const driver = {
    application_name: 'estover-jobs',
    // A line may be dead without saying so: the schedule goes on over another one.
    query_timeout: scheduleAnswersWithinMs,
    keepAlive: true,
  };
  const boss = new PgBoss({ connectionString, schema: 'jobs', max: 2, ...driver });
  boss.on('error', (error) => log.warn({ err: error }, 'the job schedule met an error'));
  await boss.start();
  for (const job of jobs) {
    // A run that is due while the one before still waits is the same run.
    await boss.createQueue(job.name, { policy: 'short', retryLimit: 2, expireInSeconds: 15 * 60 });
    await boss.schedule(job.name, job.cron, null, { tz: 'UTC' });
    await boss.work(job.name, { pollingIntervalSeconds: 5 }, async () => {
      try {
        await job.run(dependencies);
      } catch (error) {
        logPutOff(log, error, 'a job failed and will be tried again', { job: job.name });
        throw error;
      }
    });
  }
  const catchUp = runAllJobs(dependencies).catch((error: unknown) => {
    logPutOff(log, error, 'the jobs due at the start failed and will run on schedule');
  });
  return {
    async stop() {
      await catchUp;
      await boss.stop({ graceful: true, timeout: 10_000 });
    },
  };
}
