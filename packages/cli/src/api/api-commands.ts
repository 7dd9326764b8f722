import { jsonSchema, type Operation } from '@estover/protocol';
import type { ApiCommand } from './api-command.ts';
import { commandNames } from './naming.ts';
import { optionsOf, type Schema } from './options.ts';

const destructive = /^(close|remove|cancel)/;

/** A command for each operation, sorted by noun and verb. Each is completed when it is asked for. */
export function apiCommands(
  operations: Iterable<Operation>,
): { name: string; noun: string; verb: string; summary: string; load(): ApiCommand }[] {
  return [...commandNames(operations)]
    .map(([operation, { noun, verb, subject }]) => ({
      name: `${noun} ${verb}`,
      noun,
      verb,
      summary: operation.summary,
      load(): ApiCommand {
        const set = optionsOf(operation);
        const answer = jsonSchema(operation.answer, 'output') as Schema;
        const query = jsonSchema(operation.query, 'input') as Schema;
        return {
          ...set,
          noun,
          verb,
          subject,
          operation,
          answer,
          subjectOption:
            set.options.find(({ place, path }) => place === 'params' && path[0] === subject) ?? null,
          isPaged: query.properties?.['cursor'] !== undefined,
          takesFile: operation.bodyMedia !== undefined,
          isDestructive: operation.method === 'DELETE' || destructive.test(verb),
        };
      },
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
