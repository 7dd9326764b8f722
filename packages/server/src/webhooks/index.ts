export { purgeDeliveries } from './deliveries-store.ts';
export { createWebhookSender, silentWebhooks, type WebhookSender } from './sender.ts';
