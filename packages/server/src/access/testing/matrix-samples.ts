import { randomUUIDv7 } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import { tagOf } from '../../testing/index.ts';
import { accessSamples } from './matrix-access-samples.ts';
import type { MatrixMoves } from './matrix-moves.ts';
import type { MatrixNotifications } from './matrix-notifications.ts';
import type { MatrixPlace, MatrixSetting, OwnOfStranger } from './matrix-places.ts';
import type { MatrixRequests } from './matrix-requests.ts';
import type { MatrixSupport } from './matrix-support.ts';
import { supportSamples } from './matrix-support-samples.ts';

/** A request as it is sent; every sample is one that somebody with all rights could make with success. */
export interface Sample {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  /** The media type of a body that is a file. */
  contentType?: string;
}

export type Samples = Record<string, Record<string, (place: MatrixPlace) => Sample>>;

const here = ({ accountId, virtualAccountId }: MatrixPlace): Sample => ({
  params: { accountId },
  query: { virtualAccountId },
});
const account = ({ accountId }: MatrixPlace): Sample => ({ params: { accountId } });
const only = (sample: (place: MatrixPlace) => Sample) => ({ '': sample });
const alone = (virtualAccountId: string): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId, nested: false }],
});

/**
 * Requests for every operation of the protocol, by name; several where rights differ by what is asked for. An operation
 * without an entry here fails the test of the matrix.
 */
export const samplesOf = (
  {
    catalog,
    foreign,
    sku,
    bookedOrder,
    keptMail,
    platformEventId,
    strangers,
    places,
  }: MatrixSetting & {
    keptMail: string;
    platformEventId: string;
    strangers: OwnOfStranger;
    foreign: { accountId: string };
  },
  links: { setUp: string; invitation: string } & MatrixRequests &
    MatrixMoves &
    MatrixNotifications &
    MatrixSupport,
): Samples => {
  const password = 'correct horse battery';
  const license = { accountId: '', tag: catalog.security };
  return {
    ...supportSamples({ strangers, foreign }, links),
    ...accessSamples({ strangers, places }),
    getSetup: only(() => ({})),
    setUp: only(() => ({ body: { token: links.setUp, name: 'Op', email: 'op@vendor.example', password } })),
    acceptInvitation: only(() => ({ body: { token: links.invitation, name: 'New', password } })),
    getMe: only(() => ({})),
    listMyAccounts: only(() => ({})),
    getMySecurity: only(() => ({})),
    endSession: only(() => ({ params: { sessionId: strangers.sessionId } })),
    endOtherSessions: only(() => ({})),
    renamePasskey: only(() => ({ params: { passkeyId: strangers.passkeyId }, body: { name: 'Laptop' } })),
    removePasskey: only(() => ({ params: { passkeyId: strangers.passkeyId } })),

    removeIdentity: only(() => ({ params: { identityId: strangers.identityId } })),

    explainAccess: {
      'at one virtual account': ({ accountId, personId, virtualAccountId }) => ({
        params: { accountId, personId },
        query: { action: 'view-inventory', virtualAccountId },
      }),
      'in the whole account': ({ accountId, personId }) => ({
        params: { accountId, personId },
        query: { action: 'view-inventory' },
      }),
    },
    listApiKeys: only(account),
    createApiKey: {
      'one virtual account': ({ accountId, virtualAccountId }) => ({
        params: { accountId },
        body: { name: 'K', role: 'virtual-account-user', scope: alone(virtualAccountId) },
      }),
      'whole account': ({ accountId }) => ({
        params: { accountId },
        body: { name: 'K', role: 'account-administrator', scope: { kind: 'account' } },
      }),
    },
    rotateApiKey: only(({ accountId, apiKeyId }) => ({ params: { accountId, apiKeyId }, body: {} })),
    revokeApiKey: only(({ accountId, apiKeyId }) => ({ params: { accountId, apiKeyId } })),

    getMailDelivery: only(() => ({})),
    listMails: only(() => ({})),
    openMail: only(() => ({ params: { mailId: keptMail } })),
    sendMailAgain: only(() => ({ params: { mailId: keptMail } })),

    listAccounts: only(() => ({})),
    createAccount: only(() => ({
      body: {
        name: 'New',
        domainIdentifier: 'new.example',
        administrator: { name: 'A', email: 'a@new.example' },
      },
    })),
    requestAccount: only(() => ({
      body: {
        companyName: 'Asked',
        mailDomain: 'asked.example',
        // Asking is limited for each address.
        requester: { name: 'A', email: `${randomUUIDv7()}@asked.example` },
      },
    })),
    checkAccountRequest: only(() => ({ body: { mailDomain: 'asked.example' } })),
    requestAccountForCustomer: only(({ accountId }) => ({
      params: { accountId },
      body: {
        companyName: 'Asked',
        mailDomain: 'asked.example',
        approverEmail: `${randomUUIDv7()}@asked.example`,
      },
    })),
    listCustomerRequests: only(account),
    withdrawCustomerRequest: only(({ accountId, customerRequestId }) => ({
      params: { accountId, requestId: customerRequestId },
    })),
    inviteOrderContact: only(() => ({
      body: { companyName: 'Asked', contact: { name: 'A', email: 'a@asked.example' } },
    })),
    openOrderContact: only(() => ({ body: { token: links.orderLink } })),
    requestOrderAccount: only(() => ({
      body: {
        token: links.orderLink,
        companyName: 'Ordering',
        mailDomain: 'ordering.example',
        approverEmail: 'a@ordering.example',
      },
    })),
    takeOrders: {
      'into one virtual account': ({ accountId, virtualAccountId }) => ({
        params: { accountId },
        body: { token: links.orderLink, virtualAccountId },
      }),
      'into the default one': ({ accountId }) => ({
        params: { accountId },
        body: { token: links.orderLink },
      }),
    },
    openAccountRequest: only(() => ({ body: { token: links.requestLink } })),
    confirmAccountRequest: only(() => ({ body: { token: links.requestLink } })),
    withdrawAccountRequest: only(() => ({ body: { token: links.requestLink } })),
    acceptAccount: only(() => ({
      body: {
        token: links.acceptanceLink,
        agreements: [{ agreement: 'terms', version: 2 }],
        person: { name: 'A', password },
      },
    })),
    listAccountRequests: only(() => ({})),
    approveAccountRequest: only(() => ({ params: { requestId: links.requestId }, body: {} })),
    askAboutAccountRequest: only(() => ({ params: { requestId: links.requestId }, body: { question: 'x' } })),
    answerAccountRequest: only(() => ({ body: { token: links.questionLink, answer: 'x' } })),
    updateReviewSettings: only(() => ({ body: { reviewDays: 7 } })),
    declineAccountRequest: only(() => ({ params: { requestId: links.requestId }, body: { reason: 'x' } })),
    getAccount: only(account),
    suspendAccount: only(({ accountId }) => ({ params: { accountId }, body: { reason: 'x' } })),
    reactivateAccount: only(account),
    closeAccount: only(({ accountId }) => ({ params: { accountId }, body: { reason: 'x' } })),
    closeAccountAsOperator: only(({ accountId }) => ({ params: { accountId }, body: { reason: 'x' } })),
    upgradeAccount: only(({ accountId }) => ({ params: { accountId }, body: {} })),
    getUpgrade: only(account),
    withdrawUpgrade: only(account),
    updateAccount: only(({ accountId }) => ({ params: { accountId }, body: { name: 'Another name' } })),
    listVirtualAccounts: only(({ accountId }) => ({ params: { accountId }, query: { rollUp: true } })),
    createVirtualAccount: {
      nested: ({ accountId, virtualAccountId }) => ({
        params: { accountId },
        body: { name: 'New', parentId: virtualAccountId },
      }),
      'at the top': ({ accountId }) => ({ params: { accountId }, body: { name: 'New' } }),
    },
    updateVirtualAccount: {
      rename: ({ accountId, virtualAccountId }) => ({
        params: { accountId, virtualAccountId },
        body: { name: 'Another name' },
      }),
      'make default': ({ accountId, virtualAccountId }) => ({
        params: { accountId, virtualAccountId },
        body: { isDefault: true, accessLevel: 'unrestricted' },
      }),
    },
    moveVirtualAccount: {
      'under another': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId, virtualAccountId },
        body: { parentId: secondId },
      }),
      'under this': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId, virtualAccountId: secondId },
        body: { parentId: virtualAccountId },
      }),
    },
    deleteVirtualAccount: {
      '': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId, virtualAccountId },
        query: { contentsTo: secondId },
      }),
      'contents to this': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId, virtualAccountId: secondId },
        query: { contentsTo: virtualAccountId },
      }),
    },
    proposeMerge: only(({ accountId }) => ({
      params: { accountId },
      body: { otherAccount: 'fourth-company.example', goes: 'this', reason: 'One company' },
    })),
    proposeSplit: only(({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: {
        virtualAccountIds: [virtualAccountId],
        newAccount: {
          name: 'New',
          mailDomain: 'new.example',
          administrator: { name: 'New', email: 'new@new.example' },
        },
        reason: 'Sold',
      },
    })),
    listAccountMoves: only(() => ({})),
    getAccountMove: only(() => ({ params: { moveId: links.askedMoveId } })),
    consentToAccountMove: only(() => ({ params: { moveId: links.askedMoveId }, body: {} })),
    declineAccountMove: only(() => ({ params: { moveId: links.askedMoveId }, body: { reason: 'No' } })),
    withdrawAccountMove: only(() => ({ params: { moveId: links.askingMoveId }, body: { reason: 'No' } })),
    undoAccountMove: only(() => ({ params: { moveId: links.doneMoveId }, body: { reason: 'No' } })),
    listTagKeys: only(account),
    createTagKey: only(({ accountId }) => ({
      params: { accountId },
      body: { name: 'Department', values: ['Sales'] },
    })),
    updateTagKey: only(({ accountId, tagKeyId }) => ({
      params: { accountId, tagKeyId },
      body: { name: 'Another name' },
    })),
    deleteTagKey: only(({ accountId, tagKeyId }) => ({ params: { accountId, tagKeyId } })),
    tagVirtualAccount: only(({ accountId, virtualAccountId, tagKeyId, tagValueId }) => ({
      params: { accountId, virtualAccountId },
      body: { tags: [{ tagKeyId, tagValueId }] },
    })),
    listDeliveryRules: only(account),
    createDeliveryRule: only(({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: { sku: 'NEW-*', virtualAccountId },
    })),
    updateDeliveryRule: only(({ accountId, deliveryRuleId }) => ({
      params: { accountId, ruleId: deliveryRuleId },
      body: { buyer: 'Partner' },
    })),
    deleteDeliveryRule: only(({ accountId, deliveryRuleId }) => ({
      params: { accountId, ruleId: deliveryRuleId },
    })),
    tryDeliveryRules: only(({ accountId }) => ({
      params: { accountId },
      query: { sku: 'NEW-1', buyer: 'Partner' },
    })),

    getAgreements: only(account),
    getAgreementVersion: only(({ accountId }) => ({
      params: { accountId, agreement: 'terms', version: '1' },
    })),
    // Only a person accepts, and the one here is of the other account.
    acceptAgreement: only(() => ({
      params: { accountId: foreign.accountId },
      body: { agreement: 'terms', version: 2, textHash: links.textHash, consent: true },
    })),
    listAgreementVersions: only(() => ({})),
    publishAgreement: only(() => ({ body: { agreement: 'data', title: 'Data', text: 'Data is kept.' } })),
    updateAgreementSettings: only(() => ({ body: { blocked: ['tokens'] } })),
    listAgreementAccounts: only(() => ({ params: { agreement: 'terms' } })),
    downloadAgreementAccounts: only(() => ({ params: { agreement: 'terms' } })),

    getMyData: only(() => ({})),
    removeMe: only(() => ({ body: { confirmation: strangers.email } })),
    listAllPeople: only(() => ({})),
    listRemovals: only(() => ({})),
    exportPersonData: only(() => ({ params: { personId: strangers.personId }, body: { reason: 'Asked' } })),
    removePerson: only(() => ({
      params: { personId: strangers.personId },
      body: { confirmation: strangers.email, reason: 'Asked' },
    })),

    listMyNotifications: only(() => ({})),
    setMyNotifications: only(() => ({
      params: { accountId: foreign.accountId },
      body: { choices: [{ kind: 'orders', cadence: 'weekly' }] },
    })),
    setMyNotificationHours: only(() => ({ body: { timeZone: 'Europe/Madrid', hour: 8, weekday: 5 } })),
    listNews: only(() => ({ params: { accountId: foreign.accountId } })),
    markNewsSeen: only(() => ({ params: { accountId: foreign.accountId }, body: { position: 0 } })),
    // Whose time zone is known already is told so; the matrix asks once for each caller.
    noteMyTimeZone: only(() => ({ body: { timeZone: 'Europe/Madrid' } })),
    getMyGuide: only(() => ({})),
    setMyGuide: only(() => ({ body: { accountId: foreign.accountId, isHidden: true } })),
    listDeskNews: only(() => ({})),
    markDeskNewsSeen: only(() => ({ body: { position: 0 } })),
    setMyStaffNotifications: only(() => ({ body: { choices: [{ kind: 'recoveries', cadence: 'weekly' }] } })),
    listNotificationAddresses: only(account),
    addNotificationAddress: only(({ accountId }) => ({
      params: { accountId },
      body: {
        email: `new@${accountId === foreign.accountId ? 'foreign' : 'own'}-company.example`,
        choices: [{ kind: 'orders', cadence: 'daily' }],
      },
    })),
    updateNotificationAddress: only(({ accountId, addressId }) => ({
      params: { accountId, addressId },
      body: { choices: [{ kind: 'orders', cadence: 'off' }] },
    })),
    removeNotificationAddress: only(({ accountId, addressId }) => ({ params: { accountId, addressId } })),
    confirmNotificationAddress: only(() => ({ body: { token: links.addressLink } })),
    unsubscribe: only(() => ({ body: { token: links.unsubscribeToken } })),
    listAlerts: only(here),
    snoozeAlert: only(({ accountId, alertId }) => ({ params: { accountId, alertId }, body: { days: 1 } })),
    listEvents: only(here),
    downloadEvents: only(here),
    getEventHead: only(account),
    downloadEventChain: only(account),
    listPlatformEvents: only(() => ({})),
    getPlatformEvent: only(() => ({ params: { eventId: platformEventId } })),
    downloadPlatformEvents: only(() => ({})),
    getPlatformEventHead: only(() => ({})),
    downloadPlatformEventChain: only(() => ({})),

    createLicense: only(() => ({
      body: { tag: tagOf('Matrix'), name: 'New', version: '1.0', family: 'Network' },
    })),
    createProduct: only(() => ({ body: { sku: 'NEW', name: 'New', grants: [{ tag: catalog.security }] } })),
    createSubstitution: only(() => ({ body: { upperTag: catalog.security, lowerTag: catalog.essentials } })),
    listCatalogLicenses: only(() => ({})),
    listProducts: only(() => ({})),
    listSubstitutions: only(() => ({})),

    getOverview: { '': account, 'of one virtual account': here },
    listInventory: only(here),
    getPool: only(({ accountId, virtualAccountId }) => ({
      params: { ...license, accountId },
      query: { virtualAccountId },
    })),
    listMovements: only(here),
    listLicenseMovements: only(({ accountId, virtualAccountId }) => ({
      params: { ...license, accountId },
      query: { virtualAccountId },
    })),
    transferLicenses: {
      'from this': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId },
        body: {
          fromVirtualAccountId: virtualAccountId,
          toVirtualAccountId: secondId,
          lines: [{ tag: catalog.security, quantity: 1 }],
        },
      }),
      'to this': ({ accountId, virtualAccountId, secondId }) => ({
        params: { accountId },
        body: {
          fromVirtualAccountId: secondId,
          toVirtualAccountId: virtualAccountId,
          lines: [{ tag: catalog.security, quantity: 1 }],
        },
      }),
    },
    undoTransfer: only(({ accountId, movementId }) => ({ params: { accountId, movementId } })),
    correctLot: only(({ accountId, virtualAccountId, lotId }) => ({
      params: { accountId },
      body: { virtualAccountId, lotId, quantity: 1, reason: 'Return' },
    })),

    listOrders: only(() => ({})),
    getOrder: only(() => ({ params: { orderNumber: bookedOrder } })),
    createOrder: only(({ accountId }) => ({
      body: { orderNumber: 'NEW-1', buyer: 'B', lines: [{ sku, quantity: 1, account: accountId }] },
    })),
    shipOrder: only(() => ({ params: { orderNumber: bookedOrder }, body: {} })),
    cancelOrder: only(() => ({ params: { orderNumber: bookedOrder }, body: { reason: 'Withdrawn' } })),
    importOrders: only(({ accountId }) => ({
      body: `order_number,buyer,sku,quantity,account\nNEW-2,B,${sku},1,${accountId}\n`,
    })),
    listAccountOrders: only(account),
    getAccountOrder: only(({ accountId, orderNumber }) => ({ params: { accountId, orderNumber } })),

    createToken: only(({ accountId, virtualAccountId }) => ({
      params: { accountId, virtualAccountId },
      body: {},
    })),
    listTokens: only(here),
    listVirtualAccountTokens: only(({ accountId, virtualAccountId }) => ({
      params: { accountId, virtualAccountId },
    })),
    revokeToken: only(({ accountId, tokenId }) => ({ params: { accountId, tokenId } })),
    listProductInstances: only(here),
    getProductInstance: only(({ accountId, instanceId }) => ({ params: { accountId, instanceId } })),
    transferProductInstance: {
      'from this': ({ accountId, instanceId, secondId }) => ({
        params: { accountId, instanceId },
        body: { toVirtualAccountId: secondId },
      }),
      'to this': ({ accountId, secondInstanceId, virtualAccountId }) => ({
        params: { accountId, instanceId: secondInstanceId },
        body: { toVirtualAccountId: virtualAccountId },
      }),
    },
    removeProductInstance: only(({ accountId, instanceId }) => ({ params: { accountId, instanceId } })),

    downloadLicensesReport: only(here),
    downloadLicenseSubscriptionsReport: only(here),
    downloadProductInstancesReport: only(here),

    listWebhooks: only(account),
    createWebhook: {
      'one virtual account': ({ accountId, virtualAccountId }) => ({
        params: { accountId },
        body: { description: 'New', url: 'https://siem.example.com/', scope: alone(virtualAccountId) },
      }),
      'whole account': ({ accountId }) => ({
        params: { accountId },
        body: { description: 'New', url: 'https://siem.example.com/' },
      }),
    },
    updateWebhook: only(({ accountId, webhookId }) => ({
      params: { accountId, webhookId },
      body: { description: 'Another' },
    })),
    rotateWebhookSecret: only(({ accountId, webhookId }) => ({ params: { accountId, webhookId }, body: {} })),
    testWebhook: only(({ accountId, webhookId }) => ({ params: { accountId, webhookId } })),
    listWebhookDeliveries: only(({ accountId, webhookId }) => ({ params: { accountId, webhookId } })),
    getWebhookDelivery: only(({ accountId, webhookId, messageId }) => ({
      params: { accountId, webhookId, messageId },
    })),
    replayWebhookDelivery: only(({ accountId, webhookId, messageId }) => ({
      params: { accountId, webhookId, messageId },
    })),
    replayFailedDeliveries: only(({ accountId, webhookId }) => ({
      params: { accountId, webhookId },
      body: { since: '2026-11-01T00:00:00Z' },
    })),
    deleteWebhook: only(({ accountId, webhookId }) => ({ params: { accountId, webhookId } })),
  };
};
