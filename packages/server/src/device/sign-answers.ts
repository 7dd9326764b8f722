import {
  type DeviceAnswer,
  type DeviceMessageKind,
  signAnswer,
  signAnswersTogether,
} from '@estover/protocol/device';
import type { Installation } from '../installation/index.ts';

/** Signs answers, alone or together with those that are ready at the same time. */
export interface AnswerSigner {
  /**
   * @param together whether the reader asked for answers that were signed together; making one signature for a whole
   * batch costs a fraction of one for each
   */
  sign<Kind extends DeviceMessageKind>(
    kind: Kind,
    answer: DeviceAnswer<Kind>,
    together: boolean,
  ): Promise<string>;
}

interface Waiting {
  kind: DeviceMessageKind;
  answer: DeviceAnswer<DeviceMessageKind>;
  resolve(document: string): void;
  reject(reason: unknown): void;
}

/** A batch answers its messages one right after the other, so a turn of the event loop brings all of them together. */
export function createAnswerSigner(
  { signingKeys }: Pick<Installation, 'signingKeys'>,
  now: () => Temporal.Instant,
): AnswerSigner {
  let waiting: Waiting[] = [];

  const signAll = async (): Promise<void> => {
    const ready = waiting;
    waiting = [];
    try {
      const key = await signingKeys.current(now());
      const [first] = ready;
      const documents =
        first !== undefined && ready.length === 1
          ? [signAnswer(first.kind, first.answer, key)]
          : signAnswersTogether(ready, key);
      for (const [index, { resolve }] of ready.entries()) resolve(documents[index] as string);
    } catch (reason) {
      for (const { reject } of ready) reject(reason);
    }
  };

  return {
    async sign(kind, answer, together) {
      if (!together) return signAnswer(kind, answer, await signingKeys.current(now()));
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      if (waiting.length === 0) setImmediate(() => void signAll());
      waiting.push({ kind, answer, resolve, reject });
      return promise;
    },
  };
}
