export { finishRemovals } from './finish-removals-job.ts';
