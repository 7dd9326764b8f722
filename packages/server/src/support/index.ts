export { noteDesk } from './desk-notices-job.ts';
export { enterAsSupport, mayBeSupport, supportGrant, supportStandingsOf } from './enter-as-support.ts';
export { noteSupportRead } from './note-support-read.ts';
export { finishRecoveries } from './recoveries-job.ts';
export { settleSupportAccesses } from './support-accesses-job.ts';
