import type { DeviceRefusalCode } from '@estover/protocol/device';
import type { InputRefusal } from './step.ts';

/** Why the agent could not do what was asked. */
export type AgentErrorCode =
  | InputRefusal['code']
  | DeviceRefusalCode
  | 'folder-unusable'
  | 'folder-busy'
  | 'state-damaged'
  | 'server-unknown'
  | 'server-insecure'
  | 'certificate-file-unusable'
  | 'token-malformed';

/** `message` is a sentence for a person with the next step; `code` is for programs. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string) {
    super(message);
    this.name = 'AgentError';
    this.code = code;
  }
}
