/**
 * Every address of the console. Links come from here and nowhere else, so that an address changes in one place.
 * Addresses below `/accounts/…` mirror those of the API; what a list shows (filters, the open panel) is in the query.
 */

/** Where a link goes: a route of `routes.tsx` with its parameters and what it shows. */
export interface Place {
  to: string;
  params?: Record<string, string>;
  search?: Record<string, unknown>;
}

type Search = Record<string, string | number | boolean | undefined>;

const inAccount =
  (path: string) =>
  (accountId: string, search: Search = {}): Place => ({
    to: `/accounts/$accountId/${path}`,
    params: { accountId },
    search,
  });

const platform =
  (path: string) =>
  (search: Search = {}): Place => ({ to: `/platform/${path}`, search });

export const paths = {
  home: (): Place => ({ to: '/' }),
  signIn: (next?: string): Place => ({ to: '/sign-in', search: next === undefined ? {} : { next } }),
  forgotPassword: (email?: string): Place => ({
    to: '/forgot-password',
    search: email === undefined ? {} : { email },
  }),
  /** The person's own; with an account, beside its pages. */
  security: (accountId?: string): Place =>
    accountId === undefined
      ? { to: '/security' }
      : { to: '/accounts/$accountId/security', params: { accountId } },

  yourData: (accountId?: string): Place =>
    accountId === undefined
      ? { to: '/your-data' }
      : { to: '/accounts/$accountId/your-data', params: { accountId } },

  notifications: (accountId?: string): Place =>
    accountId === undefined
      ? { to: '/notifications' }
      : { to: '/accounts/$accountId/notifications', params: { accountId } },

  requestAccount: (): Place => ({ to: '/request-account' }),
  requestAccess: (identifier?: string): Place => ({
    to: '/request-access',
    search: identifier === undefined ? {} : { identifier },
  }),

  orderAccount: (): Place => ({ to: '/order-account' }),

  /** The first page of an account that the person may see. */
  account: (accountId: string): Place => ({ to: '/accounts/$accountId', params: { accountId } }),
  overview: inAccount('overview'),
  alerts: inAccount('alerts'),
  licenses: inAccount('licenses'),
  license: (accountId: string, tag: string, search: Search = {}): Place => ({
    to: '/accounts/$accountId/licenses/$tag',
    params: { accountId, tag },
    search,
  }),
  productInstances: inAccount('product-instances'),
  productInstance: (accountId: string, instanceId: string): Place => ({
    to: '/accounts/$accountId/product-instances/$instanceId',
    params: { accountId, instanceId },
  }),
  virtualAccounts: inAccount('virtual-accounts'),
  tokens: inAccount('tokens'),
  orders: inAccount('orders'),
  order: (accountId: string, orderNumber: string): Place => ({
    to: '/accounts/$accountId/orders/$orderNumber',
    params: { accountId, orderNumber },
  }),
  customerRequests: inAccount('customer-requests'),
  requests: inAccount('requests'),
  accessReview: inAccount('access-review'),
  people: inAccount('people'),
  invitePeople: inAccount('people/invite'),
  groups: inAccount('groups'),
  accessPolicy: inAccount('people/who-may-do-what'),
  apiKeys: inAccount('api-keys'),
  agreements: inAccount('agreements'),
  events: inAccount('events'),
  reports: inAccount('reports'),
  settings: inAccount('settings'),
  tags: inAccount('settings/tags'),
  webhooks: inAccount('settings/webhooks'),
  deliveryRules: inAccount('settings/delivery-rules'),
  singleSignOn: inAccount('settings/single-sign-on'),
  mergeAndSplit: inAccount('settings/merge-and-split'),
  proposeMerge: inAccount('settings/merge'),
  proposeSplit: inAccount('settings/split'),
  addedAddresses: inAccount('settings/notifications'),

  /** Merges and splits that concern the person, in whichever account. */
  accountMoves: (): Place => ({ to: '/account-moves' }),
  accountMove: (moveId: string): Place => ({ to: '/account-moves/$moveId', params: { moveId } }),

  supportAccess: inAccount('support-access'),

  platformDesk: platform('desk'),
  platformStaff: platform('staff'),
  platformSupport: platform('support-accesses'),
  platformRecoveries: platform('recoveries'),
  platformAccounts: platform('accounts'),
  platformAccountRequests: platform('account-requests'),
  platformCatalog: platform('catalog'),
  platformOrders: platform('orders'),
  platformImportOrders: platform('import-orders'),
  platformAgreements: platform('agreements'),
  platformPrivacy: platform('privacy'),
  platformOutbox: platform('outbox'),
  platformEvents: platform('events'),
  platformOrder: (orderNumber: string): Place => ({
    to: '/platform/orders/$orderNumber',
    params: { orderNumber },
  }),
};
