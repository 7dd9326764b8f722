import type { OwnOfStranger } from './matrix-places.ts';
import type { Samples } from './matrix-samples.ts';
import type { MatrixSupport } from './matrix-support.ts';

const only = (sample: Samples[string][string]) => ({ '': sample });

/** Samples of staff, support accesses, recoveries and the desk, as `samplesOf` has those of all else. */
export const supportSamples = (
  { strangers, foreign }: { strangers: OwnOfStranger; foreign: { accountId: string } },
  { staffId: personId, askableId, foreignAccessId, recoveryId, cancelToken }: MatrixSupport,
): Samples => ({
  listStaff: only(() => ({})),
  inviteStaff: only(() => ({ body: { email: 'new@vendor.example', role: 'support' } })),
  updateStaff: only(() => ({ params: { personId }, body: { roles: [{ role: 'support' }] } })),
  endStaff: only(() => ({ params: { personId } })),
  updateStaffSettings: only(() => ({ body: { supportMostMinutes: 60 } })),

  askSupportAccess: only(() => ({
    body: { accountId: askableId, reason: 'A shortage', caseNumber: '1', minutes: 60 },
  })),
  listSupportAccesses: only(() => ({})),
  endSupportAccess: only(() => ({ params: { accessId: foreignAccessId } })),
  listAccountSupport: only(({ accountId }) => ({ params: { accountId } })),
  updateSupportRule: only(({ accountId }) => ({ params: { accountId }, body: { rule: 'ask' } })),
  // Only a person approves, and the one here is of the other account.
  approveSupportAccess: only(() => ({
    params: { accountId: foreign.accountId, accessId: foreignAccessId },
  })),
  declineSupportAccess: only(({ accountId, askedAccessId: accessId }) => ({
    params: { accountId, accessId },
  })),
  endAccountSupportAccess: only(({ accountId, openAccessId: accessId }) => ({
    params: { accountId, accessId },
  })),

  getDesk: only(() => ({})),
  listRecoveries: only(() => ({})),
  askRecovery: only(() => ({
    body: { kind: 'second-factors', email: strangers.email, reason: 'All is lost' },
  })),
  approveRecovery: only(() => ({ params: { recoveryId } })),
  declineRecovery: only(() => ({ params: { recoveryId } })),
  cancelRecovery: only(() => ({ body: { token: cancelToken } })),
});
