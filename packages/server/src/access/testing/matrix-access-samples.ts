import { randomUUIDv7 } from 'node:crypto';
import type { MatrixPlace, MatrixSetting, OwnOfStranger } from './matrix-places.ts';
import type { Samples } from './matrix-samples.ts';

const account = ({ accountId }: MatrixPlace) => ({ params: { accountId } });
const only = (sample: Samples[string][string]) => ({ '': sample });
const alone = (virtualAccountId: string) => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId, nested: false }],
});

const withNested = (virtualAccountId: string) => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId, nested: true }],
});

/** Samples of people, groups, single sign-on, the review of access, partners and requests for access, as `samplesOf` has those of all else. */
export const accessSamples = ({
  strangers,
  places,
}: Pick<MatrixSetting, 'places'> & { strangers: OwnOfStranger }): Samples => ({
  listPeople: only(account),
  grantRole: {
    'one virtual account': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: { email: 'x@own.example', role: 'viewer', scope: alone(virtualAccountId) },
    }),
    'with everything nested': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: {
        email: 'x@own.example',
        role: 'virtual-account-administrator',
        scope: withNested(virtualAccountId),
      },
    }),
    'whole account': ({ accountId }) => ({
      params: { accountId },
      body: { email: 'x@own.example', role: 'viewer', scope: { kind: 'account' } },
    }),
  },
  invitePeople: {
    'one virtual account': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: JSON.stringify({
        people: [{ email: 'x@own.example' }, { email: 'y@own.example' }],
        role: 'viewer',
        scope: alone(virtualAccountId),
      }),
      contentType: 'application/json',
    }),
    'whole account': ({ accountId }) => ({
      params: { accountId },
      body: JSON.stringify({
        people: [{ email: 'x@own.example' }],
        role: 'account-administrator',
        scope: { kind: 'account' },
      }),
      contentType: 'application/json',
    }),
    'CSV, with everything nested': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: `email,role,virtual_accounts,nested\nx@own.example,virtual-account-user,${virtualAccountId},yes\n`,
      contentType: 'text/csv',
    }),
  },
  revokeGrant: only(({ accountId, grantId }) => ({ params: { accountId, grantId } })),

  listMailDomains: only(account),
  addMailDomain: only(({ accountId }) => ({ params: { accountId }, body: { domain: 'new.example' } })),
  checkMailDomain: only(({ accountId, mailDomainId }) => ({ params: { accountId, mailDomainId } })),
  removeMailDomain: only(({ accountId, mailDomainId }) => ({ params: { accountId, mailDomainId } })),
  setSingleSignOn: only(({ accountId, mailDomainId }) => ({
    params: { accountId, mailDomainId },
    body: { protocol: 'oidc', issuer: 'https://new.example', clientId: 'new', clientSecret: 'secret' },
  })),
  changeSingleSignOn: only(({ accountId, mailDomainId }) => ({
    params: { accountId, mailDomainId },
    body: { managesPeople: true },
  })),
  // Only a person has a browser that goes there, and the one among the callers is of the other account.
  startSingleSignOnTest: {
    'in the other account': () => ({
      params: { accountId: places.foreign.accountId, mailDomainId: places.foreign.mailDomainId },
    }),
  },

  getProvisioning: only(account),
  listAccessReview: {
    '': account,
    'of one virtual account': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      query: { virtualAccountId },
    }),
  },
  downloadAccessReview: only(account),
  keepAccess: only(({ accountId, grantId, personId }) => ({
    params: { accountId },
    body: { grantId, personId },
  })),
  listAccessMatrix: only(account),
  downloadAccessMatrix: only(account),
  listVirtualAccountAccess: {
    '': account,
    'of one virtual account': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      query: { virtualAccountId },
    }),
  },
  downloadVirtualAccountAccess: only(account),
  keepPersonAccess: only(({ accountId, grantId, personId }) => ({
    params: { accountId, personId },
    body: { grantIds: [grantId] },
  })),
  beginViewAs: only(({ accountId, personId }) => ({ params: { accountId, personId } })),
  endViewAs: only(() => ({})),
  updateGrant: {
    'another end': ({ accountId, grantId }) => ({
      params: { accountId, grantId },
      body: { until: '2099-12-31T23:59:59Z' },
    }),
    'with everything nested': ({ accountId, grantId, virtualAccountId }) => ({
      params: { accountId, grantId },
      body: { scope: withNested(virtualAccountId) },
    }),
    'whole account': ({ accountId, grantId }) => ({
      params: { accountId, grantId },
      body: { scope: { kind: 'account' } },
    }),
  },
  limitToSeller: only(({ accountId, personId }) => ({
    params: { accountId, personId },
    // Those of the scene have addresses at another mail domain than the account.
    body: { soldBy: 'Test buyer' },
  })),
  listSellers: only(account),
  requestAccess: only(() => ({
    body: { identifier: 'asked.example', role: 'viewer', place: randomUUIDv7(), reason: 'Work' },
  })),
  listMyAccessRequests: only(() => ({})),
  withdrawAccessRequest: only(() => ({ params: { requestId: strangers.accessRequestId } })),
  listAccessRequests: only(account),
  approveAccessRequest: only(({ accountId, virtualAccountId, accessRequestId }) => ({
    params: { accountId, requestId: accessRequestId },
    body: { role: 'viewer', scope: alone(virtualAccountId) },
  })),
  declineAccessRequest: only(({ accountId, accessRequestId }) => ({
    params: { accountId, requestId: accessRequestId },
    body: { reason: 'Not needed' },
  })),
  listGroups: only(account),
  createGroup: {
    'one virtual account': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: { name: 'New', role: 'viewer', scope: alone(virtualAccountId) },
    }),
    'with everything nested': ({ accountId, virtualAccountId }) => ({
      params: { accountId },
      body: { name: 'New', role: 'virtual-account-administrator', scope: withNested(virtualAccountId) },
    }),
    'whole account': ({ accountId }) => ({
      params: { accountId },
      body: { name: 'New', role: 'viewer', scope: { kind: 'account' } },
    }),
  },
  updateGroup: {
    rename: ({ accountId, groupId }) => ({ params: { accountId, groupId }, body: { name: 'New' } }),
    provisioned: ({ accountId, groupId }) => ({
      params: { accountId, groupId },
      body: { provisioned: true },
    }),
    'with everything nested': ({ accountId, groupId, virtualAccountId }) => ({
      params: { accountId, groupId },
      body: { scope: withNested(virtualAccountId) },
    }),
  },
  deleteGroup: only(({ accountId, groupId }) => ({ params: { accountId, groupId } })),
  listGroupPeople: only(({ accountId, groupId }) => ({ params: { accountId, groupId } })),
  addToGroup: only(({ accountId, groupId }) => ({
    params: { accountId, groupId },
    body: { people: [{ email: 'x@own.example' }] },
  })),
  removeFromGroup: only(({ accountId, groupId, personId }) => ({
    params: { accountId, groupId, personId },
  })),
});
