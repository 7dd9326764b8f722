const request = [
  'requestId',
  'state',
  'kind',
  'companyName',
  'domainIdentifier',
  'requesterEmail',
  'requestedAt',
];
const token = ['tokenId', 'virtualAccountPath', 'state', 'description', 'uses', 'maximumUses', 'expiresAt'];
const movement = ['movementId', 'kind', 'at', 'by', 'reason', 'orderNumber', 'undoableUntil'];
const supportAccess = ['accessId', 'accountName', 'staff', 'mode', 'caseNumber', 'state', 'endsAt'];

/**
 * The columns of lists whose shape begins with what matters less, by operation: members, and those of things in them after
 * a point. All other lists show what their shape has first.
 */
export const chosenColumns: Readonly<Record<string, readonly string[]>> = {
  listAccessReview: [
    'grant.grantId',
    'person.name',
    'person.email',
    'grant.role',
    'virtualAccountPaths',
    'grant.until',
  ],
  listAccountRequests: request,
  listAccountSupport: supportAccess,
  listAlerts: [
    'alertId',
    'severity',
    'message',
    'virtualAccountPath',
    'openedAt',
    'snoozedUntil',
    'resolvedAt',
  ],
  listCustomerRequests: request,
  listDeliveryRules: ['ruleId', 'position', 'sku', 'tag', 'buyer', 'virtualAccount.path'],
  listEvents: ['eventId', 'at', 'actor.name', 'operation', 'message', 'virtualAccountPath'],
  listInventory: ['tag', 'licenseName', 'virtualAccountPath', 'owned', 'inUse', 'balance', 'state'],
  listLicenseMovements: movement,
  listMovements: movement,
  listPeople: ['personId', 'name', 'email', 'status', 'partner', 'grants.role'],
  listProductInstances: [
    'instanceId',
    'displayName',
    'virtualAccountPath',
    'state',
    'authorization',
    'lastContactAt',
    'deadlineAt',
  ],
  listSupportAccesses: supportAccess,
  listTokens: token,
  listVirtualAccountTokens: token,
  listVirtualAccounts: ['virtualAccountId', 'path', 'accessLevel', 'isDefault', 'children', 'tags.value'],
  listWebhooks: ['webhookId', 'description', 'url', 'state', 'offReason', 'madeBy', 'createdAt'],
};
