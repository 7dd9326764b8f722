import { randomBytes } from 'node:crypto';
import {
  addressKindNames,
  confirmHours,
  judgeAddedAddress,
  mostAddresses,
} from '@estover/domain/notifications';
import {
  addNotificationAddress,
  confirmNotificationAddress,
  listNotificationAddresses,
  type notificationAddress,
  removeNotificationAddress,
  updateNotificationAddress,
} from '@estover/protocol';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import type { z } from 'zod';
import { hashSecret } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { publicMailDomainsOf } from '../accounts/index.ts';
import { networkOf } from '../edge/attempt-limiter.ts';
import type { Context } from '../edge/context.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import {
  type AddressRow,
  confirmAddress,
  deleteAddress,
  findAddresses,
  insertAddress,
} from './addresses-store.ts';
import { kindsInWords } from './kinds-in-words.ts';
import { countMailsSince } from './mails-store.ts';
import { requireKinds } from './my-notifications.ts';
import { queueMail } from './queue-mail.ts';
import { saveChoices } from './readers-store.ts';

type AddressAnswer = z.output<typeof notificationAddress>;

const answerOf = (row: AddressRow): AddressAnswer => ({
  ...row,
  addedAt: row.addedAt.toString(),
  confirmedAt: row.confirmedAt?.toString() ?? null,
  confirmUntil: row.confirmUntil?.toString() ?? null,
});

async function requireAddress({ trx }: Context, accountId: string, addressId: string): Promise<AddressRow> {
  const [found] = await findAddresses(trx, accountId, addressId);
  if (found === undefined) throw notFound('address');
  return found;
}

/** Somebody else's box must not be filled by adding its address again and again. */
const mostMailsADay = 3;

async function boundMails({ trx, now }: Context, accountId: string, recipient: string): Promise<void> {
  const which = { accountId, recipient, kind: 'address-confirmation' };
  if ((await countMailsSince(trx, which, now.subtract({ hours: 24 }))) < mostMailsADay) return;
  throw new Refused(
    'too-many-requests',
    `${recipient} was asked ${mostMailsADay} times by this account within a day.`,
    { retryAfterSeconds: 24 * 3600 },
  );
}

const factsOf = ({ addressId, email, kinds }: AddressRow) => ({
  objectKind: 'notification-address',
  objectId: addressId,
  after: { email, kinds: Object.fromEntries(kinds.map(({ kind, cadence }) => [kind, cadence])) },
});

/** Addresses that hear of an account beside its people, such as that of a team. */
export const addedAddressHandlers: readonly Handler[] = [
  view(listNotificationAddresses, async (context, { params: { accountId } }) => {
    requireAccountReach(context, 'manage-account-settings');
    return { addresses: (await findAddresses(context.trx, accountId)).map(answerOf) };
  }),

  command(addNotificationAddress, async (context, { params: { accountId }, body }) => {
    const { trx, now, newId, actor, installation, mailer } = context;
    requireAccountReach(context, 'manage-account-settings');
    await lockAccount(trx, accountId);
    const account = await trx
      .selectFrom('accounts')
      .select(['name', 'kind', 'domain_identifier as domainIdentifier'])
      .where('account_id', '=', accountId)
      .$narrowType<{ kind: 'customer' | 'holding' | 'limited-use' }>()
      .executeTakeFirstOrThrow();
    const judged = judgeAddedAddress(body.email, account, publicMailDomainsOf(installation));
    if (!judged.ok) {
      const errors = [{ pointer: 'body/email', detail: judged.detail, code: judged.code }];
      throw new Refused(judged.code, judged.detail, { errors });
    }
    const email = judged.value;
    requireKinds(body.choices, addressKindNames);
    if ((await findAddresses(trx, accountId)).length >= mostAddresses) {
      throw new Refused('address-limit', `There are ${mostAddresses} already.`);
    }
    await boundMails(context, accountId, email);
    const secret = formatSecret('esna_', accountId, randomBytes(20));
    const until = now.add({ hours: confirmHours });
    const addressId = newId();
    const isNew = await insertAddress(trx, {
      accountId,
      addressId,
      email,
      addedBy: actor.name,
      addedAt: now,
      confirmHash: hashSecret(secret),
      confirmUntil: until,
    });
    if (!isNew) throw new Refused('address-added', `${email} hears of this account already, or was asked.`);
    await saveChoices(trx, { accountId, readerId: addressId, isAddress: true }, body.choices, now);
    await queueMail(context, {
      to: email,
      accountId,
      content: {
        kind: 'address-confirmation',
        accountName: account.name,
        addedBy: actor.name,
        link: `${installation.publicUrl}/confirm-address#${secret}`,
        until: until.toString(),
      },
    });
    const address = await requireAddress(context, accountId, addressId);
    return {
      answer: { address: answerOf(address), mailed: mailer.isConfigured },
      event: {
        accountId,
        ...factsOf(address),
        message: `added the address ${email}, and asked it to confirm`,
      },
    };
  }),

  command(updateNotificationAddress, async (context, { params, body }) => {
    const { trx, now } = context;
    const { accountId, addressId } = params;
    requireAccountReach(context, 'manage-account-settings');
    await lockAccount(trx, accountId);
    const before = await requireAddress(context, accountId, addressId);
    requireKinds(body.choices, addressKindNames);
    await saveChoices(trx, { accountId, readerId: addressId, isAddress: true }, body.choices, now);
    const address = await requireAddress(context, accountId, addressId);
    return {
      answer: { address: answerOf(address) },
      event: {
        accountId,
        ...factsOf(address),
        before: factsOf(before).after,
        message: `changed how often ${address.email} hears of ${kindsInWords(body.choices.map(({ kind }) => kind))}`,
      },
    };
  }),

  command(removeNotificationAddress, async (context, { params: { accountId, addressId } }) => {
    requireAccountReach(context, 'manage-account-settings');
    await lockAccount(context.trx, accountId);
    const before = await requireAddress(context, accountId, addressId);
    await deleteAddress(context.trx, accountId, addressId);
    const { objectKind, objectId, after } = factsOf(before);
    return {
      answer: { address: answerOf(before) },
      event: {
        accountId,
        objectKind,
        objectId,
        before: after,
        message: `removed the address ${before.email}, which hears nothing any more`,
      },
    };
  }),

  command(
    confirmNotificationAddress,
    async ({ trx, now }, { body: { token } }) => {
      const secret = parseSecret(token.slice(token.indexOf('#') + 1), 'esna_');
      const confirmed = secret.ok ? await confirmAddress(trx, hashSecret(secret.text), now) : undefined;
      if (confirmed === undefined) {
        throw new Refused('link-invalid', 'The link was used or has expired, or the address was removed.');
      }
      const { accountId, addressId, email, accountName } = confirmed;
      return {
        answer: { email, accountName },
        event: {
          accountId,
          objectKind: 'notification-address',
          objectId: addressId,
          // Who has the link reads the mails of that address.
          actor: { kind: 'anonymous', id: null, name: email },
          message: `confirmed the address ${email}`,
          before: { confirmed: false },
          after: { confirmed: true },
        },
      };
    },
    [{ burst: 30, refillSeconds: 60, keysOf: (_, from) => [networkOf(from)] }],
  ),
];
