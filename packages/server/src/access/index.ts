export { refuseForLimitedUse } from './account-room.ts';
export { admitByMail, choosesPassword } from './admit-by-mail.ts';
export { type Admitted, admitPerson } from './admit-person.ts';
export { hashSecret } from './api-keys-store.ts';
export { dropVirtualAccountFromGrants } from './drop-virtual-account.ts';
export { insertGrant, type StoredGrant } from './grants-store.ts';
export { ensureOperatorKey, OperatorKeyError } from './operator-key.ts';
export { sendPasswordResets } from './password-reset.ts';
export { createSetupLink } from './set-up.ts';
