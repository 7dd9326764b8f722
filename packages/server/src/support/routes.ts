import type { Handler } from '../edge/operation.ts';
import { customerAnswers } from './answer-support-access.ts';
import { askSupportAccessHandler } from './ask-support-access.ts';
import { getDeskHandler } from './desk-view.ts';
import { endSupportAccessHandler } from './end-support-access.ts';
import { recoveryHandlers } from './recoveries.ts';
import { listRecoveriesHandler } from './recoveries-view.ts';
import { supportViews } from './support-views.ts';
import { updateSupportRuleHandler } from './update-support-rule.ts';

export const routes: readonly Handler[] = [
  ...supportViews,
  askSupportAccessHandler,
  endSupportAccessHandler,
  ...customerAnswers,
  updateSupportRuleHandler,
  listRecoveriesHandler,
  ...recoveryHandlers,
  getDeskHandler,
];
