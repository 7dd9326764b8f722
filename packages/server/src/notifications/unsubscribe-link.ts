import { type SubscribedKindName, subscribedKindNames } from '@estover/domain/notifications';
import type { Seal } from '../installation/index.ts';

/** What a link in a digest can switch off, and nothing else: these kinds, for this reader in this account. */
export interface Unsubscription {
  accountId: string;
  readerId: string;
  kinds: SubscribedKindName[];
}

/** For what the token is sealed: it needs no row, and stays good for as long as somebody keeps the mail. */
const purpose = 'unsubscribe';

export const unsubscribePath = '/unsubscribe';

/** The address behind a digest's `List-Unsubscribe` (RFC 8058). What asks for it by GET gets a page that changes nothing. */
export function unsubscribeLink(
  { publicUrl, seal }: { publicUrl: string; seal: Seal['seal'] },
  { accountId, readerId, kinds }: Unsubscription,
): string {
  const sealed = seal(purpose, JSON.stringify([accountId, readerId, ...kinds]));
  return `${publicUrl}${unsubscribePath}/${Buffer.from(sealed, 'base64').toString('base64url')}`;
}

/** What a token switches off; undefined for one that this installation did not make. */
export function readUnsubscription({ open }: Pick<Seal, 'open'>, token: string): Unsubscription | undefined {
  try {
    const [accountId, readerId, ...kinds] = JSON.parse(
      open(purpose, Buffer.from(token, 'base64url').toString('base64')),
    ) as string[];
    if (accountId === undefined || readerId === undefined) return undefined;
    // A kind that a later edition does not know any more has nothing to be switched off.
    return { accountId, readerId, kinds: subscribedKindNames.filter((name) => kinds.includes(name)) };
  } catch {
    return undefined;
  }
}
