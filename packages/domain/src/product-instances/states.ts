/** Where an instance stands with its account (registered mode). `registration-failed` and `-expired` are unregistered with a reason. */
export const registrationStates = [
  'unidentified',
  'unregistered',
  'registering',
  'registered',
  'registration-failed',
  'registration-expired',
] as const;
export type RegistrationState = (typeof registrationStates)[number];

/** What an instance may say of all its licenses together. */
export const authorizationStates = [
  'no-licenses-in-use',
  'evaluation',
  'evaluation-expired',
  'authorized',
  'out-of-compliance',
  'authorization-expired',
] as const;
export type AuthorizationState = (typeof authorizationStates)[number];

/** The authorization states that a server answers; the others an instance comes to by itself. */
export const answeredAuthorizationStates = ['authorized', 'out-of-compliance', 'no-licenses-in-use'] as const;
export type AnsweredAuthorizationState = (typeof answeredAuthorizationStates)[number];

/** What an instance may say of one license it uses. */
export const licenseStates = [
  'waiting',
  'in-compliance',
  'out-of-compliance',
  'overage',
  'evaluation',
  'evaluation-expired',
  'authorization-expired',
  'invalid-tag',
  'disabled',
] as const;
export type LicenseState = (typeof licenseStates)[number];

/**
 * The states of one license that a server answers: `overage` is more in use than owned but within what the contract
 * allows; `invalid-tag` is a tag the catalog doesn't know; `disabled` an export-controlled license that the instance
 * may not use.
 */
export const answeredLicenseStates = [
  'in-compliance',
  'out-of-compliance',
  'overage',
  'invalid-tag',
  'disabled',
] as const;
export type AnsweredLicenseState = (typeof answeredLicenseStates)[number];

/**
 * The overall state that follows from the licenses: nothing in use, or out of compliance as soon as one is short or
 * unknown. `overage` is still within the contract.
 */
export function authorizationStateOf(
  licenses: readonly { count: number; state: AnsweredLicenseState }[],
): AnsweredAuthorizationState {
  const used = licenses.filter(({ count }) => count > 0);
  if (used.length === 0) return 'no-licenses-in-use';
  const fine = used.every(({ state }) => state === 'in-compliance' || state === 'overage');
  return fine ? 'authorized' : 'out-of-compliance';
}

/** What a server keeps of an instance that still counts; the others have ended and never come back. */
export const livingStates = ['registered', 'authorization-expired'] as const;
export type LivingState = (typeof livingStates)[number];

/** How a registration ends (devices.md): a new registration is a new instance. */
export const endedStates = ['certificate-ended', 'removed', 'deregistered', 'replaced'] as const;
export type EndedState = (typeof endedStates)[number];

/** What a product instance is to the server that registered it. */
export type InstanceState = LivingState | EndedState;

export const isLiving = (state: InstanceState): state is LivingState =>
  (livingStates as readonly InstanceState[]).includes(state);
