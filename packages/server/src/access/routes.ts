import type { Handler } from '../edge/operation.ts';
import { listAccessRequestsHandler } from './access-requests-view.ts';
import { reviewHandlers } from './access-review.ts';
import { accessMatrixHandlers } from './access-review-people.ts';
import { virtualAccountAccessHandlers } from './access-review-places.ts';
import { answerHandlers } from './answer-access-requests.ts';
import { apiKeyHandlers } from './api-keys.ts';
import { grantRoleHandler } from './grant-role.ts';
import { addToGroupHandler, removeFromGroupHandler } from './group-people.ts';
import { groupHandlers } from './groups.ts';
import { listGroupPeopleHandler, listGroupsHandler } from './groups-view.ts';
import { invitePeopleHandler } from './invite-people.ts';
import { keepHandlers } from './keep-access.ts';
import { sellerHandlers } from './limit-to-seller.ts';
import { getMeHandler } from './me-view.ts';
import { listMyAccountsHandler } from './my-accounts-view.ts';
import { myGuideHandlers } from './my-guide.ts';
import { mySecurityHandlers } from './my-security.ts';
import { passkeyHandlers } from './passkeys.ts';
import { explainAccessHandler, listPeopleHandler } from './people-view.ts';
import { ownRequestHandlers } from './request-access.ts';
import { revokeGrantHandler } from './revoke-grant.ts';
import { getProvisioningHandler } from './scim/provisioning-view.ts';
import { setUpHandlers } from './set-up.ts';
import { identityHandlers } from './single-sign-on/identities.ts';
import { mailDomainHandlers } from './single-sign-on/mail-domains.ts';
import { listMailDomainsHandler } from './single-sign-on/mail-domains-view.ts';
import { singleSignOnHandlers } from './single-sign-on/settings.ts';
import { staffHandlers } from './staff/staff.ts';
import { listStaffHandler } from './staff/staff-view.ts';
import { updateGrantHandler } from './update-grant.ts';
import { viewAsHandlers } from './view-as.ts';

export const routes: readonly Handler[] = [
  getMeHandler,
  listMyAccountsHandler,
  ...setUpHandlers,
  listPeopleHandler,
  grantRoleHandler,
  invitePeopleHandler,
  updateGrantHandler,
  revokeGrantHandler,
  explainAccessHandler,
  listGroupsHandler,
  ...groupHandlers,
  listGroupPeopleHandler,
  addToGroupHandler,
  removeFromGroupHandler,
  ...sellerHandlers,
  ...reviewHandlers,
  ...accessMatrixHandlers,
  ...virtualAccountAccessHandlers,
  ...keepHandlers,
  ...viewAsHandlers,
  ...ownRequestHandlers,
  listAccessRequestsHandler,
  ...answerHandlers,
  ...apiKeyHandlers,
  getProvisioningHandler,
  ...myGuideHandlers,
  ...mySecurityHandlers,
  ...passkeyHandlers,
  listMailDomainsHandler,
  ...mailDomainHandlers,
  ...singleSignOnHandlers,
  ...identityHandlers,
  listStaffHandler,
  ...staffHandlers,
];
