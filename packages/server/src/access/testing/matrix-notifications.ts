import { listMails, openMail } from '@estover/protocol';
import { unsubscribeLink } from '../../notifications/unsubscribe-link.ts';
import type { TestServer } from '../../testing/index.ts';
import type { MatrixPlace } from './matrix-places.ts';

/** Links that mails bring, with which anybody may do the one thing they are for. */
export interface MatrixNotifications {
  /** Confirms an address that an account added. */
  addressLink: string;
  /** Switches off a kind for that address. */
  unsubscribeToken: string;
}

export async function makeNotificationLinks(
  server: TestServer,
  { accountId, addressId, virtualAccountId }: MatrixPlace,
): Promise<MatrixNotifications> {
  const { items } = await server.operator.call(listMails, { query: { search: virtualAccountId } });
  const { text } = await server.operator.call(openMail, { params: { mailId: items[0]?.mailId ?? '' } });
  const link = unsubscribeLink(
    { publicUrl: '', seal: server.installation.seal },
    { accountId, readerId: addressId, kinds: ['orders'] },
  );
  return { addressLink: /\S+#esna\S+/.exec(text)?.[0] ?? '', unsubscribeToken: link.split('/').at(-1) ?? '' };
}
