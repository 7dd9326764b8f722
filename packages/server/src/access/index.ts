export { settleAccessRequests } from './access-requests-job.ts';
export { purgeAccessRequests } from './access-requests-store.ts';
export { purgeAccessReviews } from './access-review-store.ts';
export { refuseForLimitedUse } from './account-room.ts';
export { admitByMail, choosesPassword } from './admit-by-mail.ts';
export { type Admitted, admitPerson } from './admit-person.ts';
export { hashSecret } from './api-keys-store.ts';
export { breachedPasswordsIn } from './breached-passwords.ts';
export {
  type CarriedRoles,
  carriedGroupNames,
  carryRoles,
  countApiKeys,
  type GivingRoles,
  giveRolesAgain,
  type KeptRoles,
  missingRoles,
  type RolesCrossing,
  rolesAt,
  rolesToCarry,
  takeCarriedRoles,
} from './carried-roles.ts';
export { dropVirtualAccountFromGrants, dropVirtualAccountsFromGrants } from './drop-virtual-account.ts';
export { type EndedPerson, endPerson } from './end-person.ts';
export { giveRole } from './give-role.ts';
export { checkedScope } from './granting.ts';
export {
  administratorAddresses,
  administratorsOf,
  grantsAnywhereOf,
  insertGrant,
  loadGrants,
  peopleNestedAt,
  type StoredGrant,
} from './grants-store.ts';
export { mayRestore } from './inviting.ts';
export { staysByAnother } from './kept-roles.ts';
export { linkForNewcomer } from './link-for-newcomer.ts';
export { endKeysOf, keysInWords } from './losing-rights.ts';
export { grantsOfMaker, type Maker, makerOf } from './maker-rights.ts';
export { ensureOperatorKey, OperatorKeyError } from './operator-key.ts';
export { type PersonInSession, requirePerson, requireRecentProof } from './own-session.ts';
export { hideAllRestrictedNames, hideRestrictedNames, partnersInParts, showAllNames } from './partners.ts';
export { sendPasswordResets } from './password-reset.ts';
export {
  canSignIn,
  findPerson,
  findPersonByEmail,
  lockPerson,
  mailKey,
} from './people-store.ts';
export { purgeSignIn } from './purge-sign-in-job.ts';
export { tellRoleEnds } from './role-ends-job.ts';
export { purgeRoleEndMails } from './role-ends-store.ts';
export { forgetSecondFactors } from './second-factor-reset.ts';
export { createSetupLink } from './set-up.ts';
export { listSessionsOf, secondFactorAndKeysOf } from './sign-in-data.ts';
export { countStaff, platformGrantsOf, readStaffSettings } from './staff/staff-store.ts';
