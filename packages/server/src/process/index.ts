export { ChainFileError, type HeadKey, verifyChainFile, verifyEvents } from '../audit/index.ts';
export { describeFinding, examineInstallation } from '../doctor/index.ts';
export { backUp, restore } from './backup-commands.ts';
export {
  ConfigError,
  type ConfigProblem,
  type ConfigSources,
  loadConfig,
  type ServerConfig,
} from './config.ts';
export { createLog } from './log.ts';
export { withDatabase } from './open-for-command.ts';
export { newOperatorKey } from './operator-key.ts';
export { runUntilStopped } from './run-until-stopped.ts';
export {
  type Assembled,
  type ServerParts,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts';
export { StartError } from './start-error.ts';
