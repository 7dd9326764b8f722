export type { ChainedEvent } from './event-chain.ts';
export { type EventItem, eventSeenBy, eventsOf, toldSentences } from './events-view.ts';
export { recordEvents } from './record-event.ts';
export { rewriteEvents } from './rewrite-events.ts';
export type { HeadKey } from './rewritten-events.ts';
export { sealEvents } from './seal-events-job.ts';
export { ChainFileError, type ChainFileReport, verifyChainFile } from './verify-chain-file.ts';
export { type ChainFault, type ChainReport, verifyChains, verifyEvents } from './verify-events.ts';
