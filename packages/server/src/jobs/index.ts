export { type Job, type JobDependencies, jobs, runAllJobs } from './jobs.ts';
export { type RunningJobs, startJobs } from './start-jobs.ts';
