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
  now: Temporal.Instant,
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
    deadlineAt: authorizationDeadline(now).toString(),
  };
}

/** When an instance is expected again, from what it was told. */
export function contactOf(
  authorization: Authorization,
  lastSequence: number,
  now: Temporal.Instant,
): Contact {
  return {
    lastSequence,
    nextContactBy: now.add({ seconds: authorization.nextContactSeconds }),
    deadlineAt: Temporal.Instant.from(authorization.deadlineAt),
  };
}
