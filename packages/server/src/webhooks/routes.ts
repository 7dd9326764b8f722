import type { Handler } from '../edge/operation.ts';
import { changeWebhookHandlers } from './change-webhooks.ts';
import { createWebhookHandler } from './create-webhook.ts';
import { webhookViews } from './deliveries-view.ts';
import { updateWebhookHandler } from './update-webhook.ts';

export const routes: readonly Handler[] = [
  ...webhookViews,
  createWebhookHandler,
  updateWebhookHandler,
  ...changeWebhookHandlers,
];
