import type { Handler } from '../edge/operation.ts';
import { addedAddressHandlers } from './added-addresses.ts';
import { mailViews } from './mails-view.ts';
import { myNotificationHandlers } from './my-notifications.ts';
import { newsHandlers } from './news.ts';
import { unsentMailCommands } from './unsent-mails.ts';
import { unsubscribeHandler } from './unsubscribe.ts';

export const routes: readonly Handler[] = [
  ...mailViews,
  ...unsentMailCommands,
  ...myNotificationHandlers,
  ...addedAddressHandlers,
  ...newsHandlers,
  unsubscribeHandler,
];
