import type { Operation } from '@estover/protocol';
import type { CommandName } from './naming.ts';
import type { Option, OptionSet, Schema } from './options.ts';

/** One operation as a command: what is derived of it once, for reading words, help and running alike. */
export interface ApiCommand extends CommandName, OptionSet {
  operation: Operation;
  /** The option that the subject stands for; it is given without its name. */
  subjectOption: Option | null;
  /** Shape of the answer. */
  answer: Schema;
  isPaged: boolean;
  /** Takes a file as it is, such as CSV. */
  takesFile: boolean;
  /** Asks before it does what cannot be undone. */
  isDestructive: boolean;
}

/** `accounts close`, as it stands on the command line. */
export const nameOf = ({ noun, verb }: CommandName): string => `${noun} ${verb}`;

/** The options that are written with their names. */
export const namedOptions = ({ options, subjectOption }: ApiCommand): Option[] =>
  options.filter((option) => option !== subjectOption);
