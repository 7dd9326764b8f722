export { type EventItem, eventSeenBy, eventsOf } from './events-view.ts';
export { recordEvents } from './record-event.ts';
export { sealEvents } from './seal-events-job.ts';
export {
  ChainFileError,
  type ChainFileReport,
  type HeadKey,
  verifyChainFile,
} from './verify-chain-file.ts';
export { type ChainFault, type ChainReport, verifyChains, verifyEvents } from './verify-events.ts';
