import type { AccountAction, PlatformAction } from './policy.ts';

/**
 * What somebody has to be allowed to see an event, by its operation: an event says as much as the list of what it is about,
 * so it takes the action of that list (specification `accounts-and-access.md`, "Events": people see only events of what they
 * may see). Whoever has `view-all-events` sees all of them, and those of operations that are not here as well.
 */
// biome-ignore format: one line for each list
const byAccountAction: Partial<Record<AccountAction, readonly string[]>> = {
  // The account and its virtual accounts, which everybody sees who has any role: as far as the events themselves reach.
  'view-events': [
    'updateAccount', 'suspendAccount', 'reactivateAccount', 'closeAccount', 'closeAccountAsOperator', 'restoreBackup',
    'createVirtualAccount', 'updateVirtualAccount', 'moveVirtualAccount', 'deleteVirtualAccount', 'tagVirtualAccount',
    'createTagKey', 'updateTagKey', 'deleteTagKey',
    'createDeliveryRule', 'updateDeliveryRule', 'deleteDeliveryRule',
    'askSupportAccess', 'approveSupportAccess', 'declineSupportAccess', 'endSupportAccess', 'endAccountSupportAccess',
    'expireSupportAccess', 'updateSupportRule',
  ],
  'view-agreements': ['acceptAgreement'],
  'view-people': [
    'createAccount', 'acceptAccount', 'acceptInvitation', 'invitePeople', 'grantRole', 'updateGrant', 'revokeGrant', 'limitToSeller',
    'createGroup', 'updateGroup', 'deleteGroup', 'addToGroup', 'removeFromGroup', 'joinBySingleSignOn', 'linkIdentity',
    'provisionPerson', 'updateProvisionedPerson', 'deprovisionPerson', 'updateProvisionedGroup',
    'beginViewAs', 'endViewAs', 'removePerson', 'openMail', 'sendMailAgain', 'setMyNotifications', 'unsubscribe',
    'askRecovery', 'approveRecovery', 'declineRecovery', 'cancelRecovery', 'finishRecovery', 'expireRecovery',
  ],
  'manage-people': ['createApiKey', 'rotateApiKey', 'revokeApiKey', 'keepAccess', 'keepPersonAccess'],
  'answer-access-requests': [
    'requestAccess', 'receiveAccessRequest', 'withdrawAccessRequest', 'approveAccessRequest', 'declineAccessRequest',
    'expireAccessRequest',
  ],
  'manage-account-settings': [
    'addMailDomain', 'checkMailDomain', 'removeMailDomain', 'setSingleSignOn', 'changeSingleSignOn', 'startSingleSignOnTest',
    'finishSingleSignOnTest', 'askForIdentity',
    'createWebhook', 'updateWebhook', 'deleteWebhook', 'rotateWebhookSecret', 'testWebhook', 'replayWebhookDelivery',
    'replayFailedDeliveries', 'switchOffWebhook',
    'addNotificationAddress', 'updateNotificationAddress', 'removeNotificationAddress', 'confirmNotificationAddress',
    'proposeMerge', 'proposeSplit', 'consentToAccountMove', 'declineAccountMove', 'withdrawAccountMove', 'undoAccountMove',
    'expireAccountMove', 'upgradeAccount', 'withdrawUpgrade', 'approveAccountRequest',
  ],
  'view-inventory': [
    'transferLicenses', 'undoTransfer', 'correctLot', 'startTerm', 'endTerm', 'snoozeAlert', 'takeOrders',
    'registerProductInstance', 'replaceProductInstance', 'authorizeProductInstance', 'resynchronizeProductInstance',
    'transferProductInstance', 'removeProductInstance', 'deregisterProductInstance', 'renewCertificate', 'endCertificate',
    'expireAuthorization',
  ],
  'manage-tokens': ['createToken', 'revokeToken'],
  'request-accounts': ['requestAccountForCustomer', 'withdrawCustomerRequest'],
};

/**
 * Kinds of objects that decide instead of the operation, because many operations write events of them: lines are delivered
 * by whatever made that possible, and support reads by any operation at all.
 */
const byAccountKind: Readonly<Record<string, AccountAction>> = {
  order: 'view-inventory',
  token: 'manage-tokens',
  'support-access': 'view-events',
  'notification-address': 'manage-account-settings',
};

/** The same for the events of the platform and its staff. */
// biome-ignore format: one line for each list
const byPlatformAction: Partial<Record<PlatformAction, readonly string[]>> = {
  // Whoever is signed in reads the catalog.
  'view-platform-events': ['createProduct', 'createLicense', 'createSubstitution', 'restoreBackup'],
  'view-orders': ['createOrder', 'importOrders', 'shipOrder', 'cancelOrder', 'inviteOrderContact'],
  'review-accounts': [
    'requestAccount', 'requestOrderAccount', 'confirmAccountRequest', 'withdrawAccountRequest', 'approveAccountRequest',
    'declineAccountRequest', 'expireAccountRequest', 'acceptAccount', 'askAboutAccountRequest', 'answerAccountRequest',
    'updateReviewSettings',
  ],
  'view-agreement-texts': ['publishAgreement', 'updateAgreementSettings'],
  'open-support-access': [
    'askSupportAccess', 'approveSupportAccess', 'declineSupportAccess', 'endSupportAccess', 'endAccountSupportAccess',
    'expireSupportAccess',
  ],
  'manage-mails': ['openMail', 'sendMailAgain'],
  'manage-staff': ['setUp', 'acceptInvitation', 'inviteStaff', 'updateStaff', 'endStaff', 'updateStaffSettings'],
  'recover-access': [
    'askRecovery', 'approveRecovery', 'declineRecovery', 'cancelRecovery', 'finishRecovery', 'expireRecovery',
  ],
  // What people do with their own sign-in is nobody else's but of those who answer for what is stored about them.
  'manage-privacy': [
    'exportPersonData', 'removePerson', 'removeMe', 'changePassword', 'sendPasswordReset', 'resetPassword',
    'turnOnTotp', 'turnOffTotp', 'renewRecoveryCodes', 'useRecoveryCode', 'addPasskey', 'renamePasskey', 'removePasskey',
    'endSession', 'endOtherSessions', 'proveMailAddress', 'askForMailAddress', 'confirmMailAddress', 'linkIdentity',
    'removeIdentity', 'markNewsSeen', 'markDeskNewsSeen', 'setMyNotificationHours', 'setMyStaffNotifications',
    'noteMyTimeZone', 'setMyGuide', 'endOldestSessions', 'requestAccess', 'withdrawAccessRequest',
  ],
};

/** Which events an action shows: those of these kinds, and of these operations where the kind decides nothing. */
export interface ShownEvents<Action> {
  action: Action;
  kinds: readonly string[];
  operations: readonly string[];
}

const shownBy = <Action extends string>(
  operations: Partial<Record<Action, readonly string[]>>,
  kinds: Readonly<Record<string, Action>>,
): ShownEvents<Action>[] =>
  (Object.entries(operations) as [Action, readonly string[]][]).map(([action, named]) => ({
    action,
    operations: named,
    kinds: Object.keys(kinds).filter((kind) => kinds[kind] === action),
  }));

export const accountEventPolicy: readonly ShownEvents<AccountAction>[] = shownBy(
  byAccountAction,
  byAccountKind,
);
export const platformEventPolicy: readonly ShownEvents<PlatformAction>[] = shownBy(byPlatformAction, {});

/** Kinds of objects of which the operation does not matter. */
export const decidingKinds: readonly string[] = Object.keys(byAccountKind);
