import { createHash } from 'node:crypto';

/** What of an event is hashed: everything a reader sees, nothing that changes later. */
export interface ChainedEvent {
  accountId: string;
  eventId: string;
  /** RFC 3339 in UTC. */
  at: string;
  actorKind: string;
  actorId: string | null;
  actorName: string;
  operation: string;
  message: string;
  objectKind: string;
  objectId: string;
  virtualAccountId: string | null;
  otherVirtualAccountId: string | null;
  before: unknown;
  after: unknown;
  from: string | null;
  requestId: string | null;
  /**
   * Chance in hex, so that the hash alone tells nobody whether a guess at what was erased is right. Absent in events of the
   * first release and of product instances, which name nobody.
   */
  salt?: string | undefined;
  /** 2 since events say on whose behalf; absent in those of before, whose hashes are of all other members alone. */
  version?: number | undefined;
  /** On whose behalf; null for nobody's, absent before version 2. */
  onBehalfOf?: { kind: string; id: string | null; name: string } | null | undefined;
}

/** Of events that are sealed now. */
export const chainVersion = 2;

/** JSON with sorted members and without blanks, so that the same value always has the same bytes. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 over the canonical JSON of the event. */
export const hashOfEvent = (event: ChainedEvent): Buffer =>
  createHash('sha256').update(canonicalJson(event)).digest();

/** Before the first batch of an account. */
export const genesisHash: Buffer = Buffer.alloc(32);

/**
 * SHA-256 over the hash of the batch before, the account, the batch's number and the hashes of its events in order of
 * their ids. One hash for each batch and not for each event, so that sealing never stands in the way of a change. The
 * epoch is hashed from the second on, so that chains of the first release stay as they are, and two continuations of one
 * chain after a restore never look alike.
 */
export function hashOfBatch(
  previous: Uint8Array,
  accountId: string,
  batchNumber: number,
  eventHashes: readonly Uint8Array[],
  epoch: number,
): Buffer {
  const hash = createHash('sha256')
    .update(previous)
    .update(`${accountId}/${batchNumber}/${eventHashes.length}${epoch === 1 ? '' : `/epoch ${epoch}`}`);
  for (const eventHash of eventHashes) hash.update(eventHash);
  return hash.digest();
}
