import { auditVerify } from './audit-verify.ts';
import { backup } from './backup.ts';
import type { Command } from './command.ts';
import { demo } from './demo/demo.ts';
import { doctor } from './doctor.ts';
import { operatorKey } from './operator-key.ts';
import { restore } from './restore.ts';
import { start } from './start.ts';

/** All subcommands, in the order of the help. A new one is a file of its own and a line here. */
export const commands: readonly Command[] = [start, demo, backup, restore, doctor, auditVerify, operatorKey];
