export { type Admitted, admitPerson } from './admit-person.ts';
export { dropVirtualAccountFromGrants, insertGrant, type StoredGrant } from './grants-store.ts';
export { ensureOperatorKey, OperatorKeyError } from './operator-key.ts';
export { sendPasswordResets } from './password-reset.ts';
export { createSetupLink } from './set-up.ts';
