export { type Agent, type AgentOptions, createAgent, type Listener, type Outcome } from './agent.ts';
export type { Notice, NoticeName } from './draft.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
export { type LoggedNotice, readEvents } from './event-log.ts';
export type { AgentStatus } from './status.ts';
export type { Reply, Transport } from './transport.ts';
