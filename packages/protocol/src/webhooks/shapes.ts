import { z } from 'zod';
import { grantScope } from '../access/shapes.ts';
import { amount, filterText, instant, text, uuid } from '../shapes.ts';

/** How deliveries are signed (Standard Webhooks 1.0.0): with a secret both sides know, or with a key only we have. */
export const webhookSigning = z.enum(['hmac', 'ed25519']);

/** Which events are sent: those of any of the operations or kinds of objects; without any of both, all. */
export const webhookEvents = z.strictObject({
  operations: z
    .array(z.string().regex(/^[a-z][A-Za-z0-9]{1,79}$/, 'must be the name of an operation'))
    .max(100)
    .default([]),
  objectKinds: z
    .array(z.string().regex(/^[a-z][a-z-]{0,79}$/, 'must be a kind of object, such as product-instance'))
    .max(100)
    .default([]),
});

export const webhookDescription = text(200);
export const webhookUrl = filterText(2_000);

/** Where events of an account are sent to. Its secret is never shown again; a public key is. */
export const webhook = z.object({
  webhookId: uuid,
  description: z.string(),
  url: z.string(),
  scope: grantScope,
  events: z.object({ operations: z.array(z.string()), objectKinds: z.array(z.string()) }),
  signing: webhookSigning,
  /** `whpk_…`; null for a secret. */
  publicKey: z.string().nullable(),
  /** Until when the secret or key before the last rotation signs as well; null where none does. */
  previousUntil: instant.nullable(),
  state: z.enum(['on', 'off']),
  /**
   * Why it is off: somebody switched it off, everything failed for five days, the receiver answered 410, or who answers for
   * it lost the right to.
   */
  offReason: z.enum(['by-hand', 'failing', 'gone', 'rights']).nullable(),
  offSince: instant.nullable(),
  /** Since when every try has failed; null where the last one did not. */
  failingSince: instant.nullable(),
  /** Who answers for it: it ends with their right to manage the account's settings. */
  madeBy: z.string(),
  createdAt: instant,
  /** Of the last 30 days. */
  deliveries: z.object({ waiting: amount, delivered: amount, failed: amount }),
});

export const webhookDeliveryState = z.enum(['waiting', 'delivered', 'failed']);

/** One event on its way to one webhook, or a test. */
export const webhookDelivery = z.object({
  /** The id of the event; also the header `webhook-id`, the same in every try. */
  messageId: uuid,
  kind: z.enum(['event', 'test']),
  /** The operation of the event. */
  type: z.string(),
  at: instant,
  state: webhookDeliveryState,
  /** All tries, those before a replay as well. */
  tries: amount,
  nextTryAt: instant.nullable(),
  /** HTTP status of the last answer; null where none came. */
  status: z.int().nullable(),
  problem: z.string().nullable(),
  createdAt: instant,
});

/** One try: when, how long it took, and what was answered. */
export const webhookTry = z.object({
  number: z.int().min(1),
  at: instant,
  milliseconds: amount,
  status: z.int().nullable(),
  /** The beginning of the answer's body: at most 2 KiB, without control characters. */
  answer: z.string(),
  problem: z.string().nullable(),
});

export const webhookParams = z.object({ accountId: uuid, webhookId: uuid });
export const webhookDeliveryParams = z.object({ accountId: uuid, webhookId: uuid, messageId: uuid });

/** What is shown once where something is made that signs: `whsec_…` of a new secret; null for a key, which stays here. */
export const webhookSecret = z.string().nullable();
