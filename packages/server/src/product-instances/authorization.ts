import {
  type AnsweredLicenseState,
  authorizationDeadline,
  authorizationStateOf,
  nextContactSeconds,
  type ReportedUse,
} from '@estover/domain/product-instances';
import type { Authorization } from '@estover/protocol/device';
import type { PoolState, TaggedLicense } from '../licenses/index.ts';
import type { Contact } from './instances-store.ts';

/** The instants of the answers that are given at one instant: many answers share them, so each is made once. */
export interface AnswerTimes {
  answeredAt: string;
  deadlineAt: Temporal.Instant;
  deadline: string;
  nextContactBy(nextContactSeconds: number): Temporal.Instant;
}

export function answerTimes(now: Temporal.Instant): AnswerTimes {
  const deadlineAt = authorizationDeadline(now);
  const contacts = new Map<number, Temporal.Instant>();
  return {
    answeredAt: now.toString(),
    deadlineAt,
    deadline: deadlineAt.toString(),
    nextContactBy(seconds) {
      const known = contacts.get(seconds) ?? now.add({ seconds });
      contacts.set(seconds, known);
      return known;
    },
  };
}

/** The licenses of tags, as the domain's rules want them. */
export const namedLicenses = (licenses: ReadonlyMap<string, TaggedLicense>) =>
  new Map(
    [...licenses].map(([tag, { licenseId, enforcement }]) => [
      tag,
      { licenseId, exportControlled: enforcement === 'export-controlled' },
    ]),
  );

/**
 * What an instance is told of the tags it reported, from how their pools stand. A tag with count 0 is not in use, so no
 * shortage is its own: it is in compliance, whoever asks (docs/protocol.md, section 7).
 */
export function authorizationOf(
  reported: readonly ReportedUse[],
  licenses: ReadonlyMap<string, TaggedLicense>,
  stateOf: (licenseId: string) => PoolState,
  times: AnswerTimes,
): Authorization {
  const told = reported.map(({ tag, count, standing, licenseId }) => {
    const state: AnsweredLicenseState =
      standing !== 'counted' || licenseId === null
        ? (standing as Exclude<typeof standing, 'counted'>)
        : count === 0
          ? 'in-compliance'
          : stateOf(licenseId);
    const name = licenses.get(tag)?.name;
    return { tag, count, state, ...(name === undefined ? {} : { name }) };
  });
  const state = authorizationStateOf(told);
  return {
    state,
    licenses: told,
    nextContactSeconds: nextContactSeconds(state),
    deadlineAt: times.deadline,
  };
}

/** When an instance is expected again, from what it was told. */
export function contactOf(authorization: Authorization, lastSequence: number, times: AnswerTimes): Contact {
  return {
    lastSequence,
    nextContactBy: times.nextContactBy(authorization.nextContactSeconds),
    deadlineAt: times.deadlineAt,
  };
}
