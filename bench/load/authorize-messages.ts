import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import {
  deviceMessages,
  documentMediaType,
  problemMediaType,
  signedTogetherMediaType,
  signRequest,
  type Trust,
  trustPath,
  trustSchema,
  verifyAnswer,
} from '@estover/protocol/device';
import type { BenchServer } from '../harness/scenario.ts';
import type { LoadResult } from './load-plan.ts';
import { batchOf, postRequest, type RequestBatch } from './run-load.ts';
import type { Seeded, Sender } from './seed-instances.ts';

/** What a message says, so that its answer and its traces can be checked. */
export interface WrittenMessage {
  readonly messageId: string;
  readonly sender: Sender;
  readonly count: number;
  /** What the instance had reported before. */
  readonly countBefore: number;
}

export interface WrittenBatch {
  readonly batch: RequestBatch;
  readonly messages: readonly WrittenMessage[];
}

/** `change`: every message reports another count than the one before; `heartbeat`: always the same. */
export type Report = 'change' | 'heartbeat';

/** `together`: the instance takes answers that were signed together, as the agent does; `alone`: it does not say so. */
export type AnswersSigned = 'together' | 'alone';

const accepts: Readonly<Record<AnswersSigned, string>> = {
  together: `${signedTogetherMediaType}, ${problemMediaType}`,
  alone: `${documentMediaType}, ${problemMediaType}`,
};

export interface MessageWriter {
  /** Signs so many messages, each by the key of its instance. The instances take turns, over all calls. */
  write(count: number, report: Report, signed: AnswersSigned): Promise<WrittenBatch>;
  /** Takes the last messages back, which nobody sent: the next ones go on from what was reported. */
  takeBack(unsent: readonly WrittenMessage[]): void;
}

/** The event loop is let through after so many signatures, so that Ctrl+C works. */
const SIGNED_AT_ONCE = 500;

export function createMessageWriter({ accountId, tag, senders }: Seeded): MessageWriter {
  let turn = 0;
  return {
    async write(count, report, signed) {
      const messages: WrittenMessage[] = [];
      const requests: Buffer[] = [];
      const sentAt = Temporal.Now.instant().toString({ smallestUnit: 'second' });
      while (messages.length < count) {
        if (messages.length % SIGNED_AT_ONCE === 0) await breathe();
        const sender = senders[turn % senders.length];
        if (sender === undefined) throw new Error('there are no instances to send');
        turn += 1;
        sender.sequence += 1;
        const countBefore = sender.count;
        if (report === 'change') sender.count = sender.count === 1 ? 2 : 1;
        const messageId = randomUUID();
        const document = signRequest(
          'authorize',
          { messageId, sequence: sender.sequence, sentAt, usage: [{ tag, count: sender.count }] },
          sender.keys.privateKey,
          { accountId, instanceId: sender.instanceId, certificateSerial: sender.certificateSerial },
        );
        messages.push({ messageId, sender, count: sender.count, countBefore });
        requests.push(
          postRequest(deviceMessages.authorize.path, documentMediaType, document, accepts[signed]),
        );
      }
      return { batch: batchOf(requests), messages };
    },
    takeBack(unsent) {
      for (const { sender, countBefore } of unsent.toReversed()) sender.count = countBefore;
      turn -= unsent.length;
    },
  };
}

export async function fetchTrust({ address }: BenchServer): Promise<Trust> {
  const response = await fetch(`${address}${trustPath}`);
  return trustSchema.parse(await response.json());
}

/**
 * Verifies the answers that were kept, as an instance does: signature, type, for whom and to what; and that they say
 * what was reported and that the license is in compliance.
 *
 * @returns what is wrong with the first wrong one; undefined when all are right
 */
export function checkSamples(
  { samples }: LoadResult,
  messages: readonly WrittenMessage[],
  { accountId }: Seeded,
  trust: Trust,
): string | undefined {
  for (const { index, body } of samples) {
    const message = messages[index];
    if (message === undefined) return `an answer to a request ${index} that nobody wrote`;
    const { messageId, sender, count } = message;
    const verified = verifyAnswer('authorize', body, {
      messageId,
      instance: {
        accountId,
        instanceId: sender.instanceId,
        certificateSerial: sender.certificateSerial,
      },
      trust,
      at: Temporal.Now.instant(),
    });
    if (!verified.ok) return `an answer that is not to be believed: ${verified.detail}`;
    const [license] = verified.answer.authorization.licenses;
    if (license?.count !== count || license.state !== 'in-compliance') {
      return `an answer that says ${JSON.stringify(license)} to a report of ${count}`;
    }
  }
  return samples.length === 0 ? 'no answer was verified' : undefined;
}
