import type { AnswerOf, BodyOf, Operation, ParamsOf, QueryOf } from '@estover/protocol';
import type { Context, EventFacts } from './context.ts';

export interface Input<O extends Operation> {
  params: ParamsOf<O>;
  query: QueryOf<O>;
  body: BodyOf<O>;
  /** Media type of the body, without parameters. */
  contentType: string;
}

/** A streamed file in place of a JSON answer. The stream is read inside the transaction. */
export interface FileAnswer {
  contentType: string;
  fileName: string;
  stream: AsyncIterable<Uint8Array | string>;
}

/**
 * How often an operation may be called that anybody may call, or by which many mails may be sent: each key so many times at once, and then once every so
 * many seconds. Calls that are not valid do not count. Counts are of one process (`attempt-limiter.ts`).
 */
export interface CallBound<O extends Operation = Operation> {
  burst: number;
  refillSeconds: number;
  /** What is counted, such as the network or a mail address of the call. */
  keysOf(input: Input<O>, from: string): readonly string[];
}

/** A view: reads, changes nothing, writes no event. */
export interface View<O extends Operation = Operation> {
  kind: 'view';
  operation: O;
  run(context: Context, input: Input<O>): Promise<AnswerOf<O>>;
}

/** A command: changes something and writes exactly one event for it, in the same transaction. */
export interface Command<O extends Operation = Operation> {
  kind: 'command';
  operation: O;
  run(context: Context, input: Input<O>): Promise<{ answer: AnswerOf<O>; event: EventFacts }>;
  bounds?: readonly CallBound<O>[];
  /**
   * Keeps every other command of the account away from its beginning on. One that took the account like all others first,
   * and wanted it alone later, would wait in a circle with another of its kind.
   */
  aloneInAccount?: boolean;
}

/** A view whose answer is a streamed file; its transaction stays open until the last row is sent. */
export interface FileView<O extends Operation = Operation> {
  kind: 'file-view';
  operation: O;
  run(context: Context, input: Input<O>): Promise<FileAnswer>;
}

export type Handler = View | Command | FileView;

export function view<O extends Operation>(operation: O, run: View<O>['run']): Handler {
  return { kind: 'view', operation, run } as unknown as View;
}

export function command<O extends Operation>(
  operation: O,
  run: Command<O>['run'],
  bounds: readonly CallBound<O>[] = [],
  { aloneInAccount = false }: { aloneInAccount?: boolean } = {},
): Handler {
  return { kind: 'command', operation, run, bounds, aloneInAccount } as unknown as Command;
}

export function fileView<O extends Operation>(operation: O, run: FileView<O>['run']): Handler {
  return { kind: 'file-view', operation, run } as unknown as FileView;
}
