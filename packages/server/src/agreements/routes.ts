import type { Handler } from '../edge/operation.ts';
import { acceptAgreementHandler } from './accept-agreement.ts';
import { accountAgreementViews } from './account-agreements-view.ts';
import { platformAgreementViews } from './platform-agreements-view.ts';
import { publishingHandlers } from './publish-agreement.ts';

export const routes: readonly Handler[] = [
  ...accountAgreementViews,
  acceptAgreementHandler,
  ...platformAgreementViews,
  ...publishingHandlers,
];
