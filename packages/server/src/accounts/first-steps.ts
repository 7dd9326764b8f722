import { firstToken, offersFirstSteps } from '@estover/domain/accounts';
import type { AnswerOf, acceptAccount, BodyOf } from '@estover/protocol';
import { giveRole } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { makeToken } from '../product-instances/index.ts';
import type { AccountRow } from './accounts-store.ts';

type Wanted = Pick<BodyOf<typeof acceptAccount>, 'firstToken' | 'partner'>;

/** Refuses first steps that are not offered, before anything is made. */
export function requireOffered(
  wanted: Wanted,
  { kind, approverEmail }: { kind: AccountRow['kind']; approverEmail: string },
): void {
  const { partner } = wanted;
  if ((wanted.firstToken || partner !== undefined) && !offersFirstSteps(kind)) {
    throw new Refused('not-offered', `This is a ${kind} account: it comes without a token and a partner.`);
  }
  if (partner?.email !== approverEmail) return;
  const detail = 'is your own address; name somebody else, or leave it out';
  throw new Refused('invalid-request', `body/partner/email: ${detail}.`, {
    errors: [{ pointer: 'body/partner/email', detail }],
  });
}

/**
 * What comes with a new account for limited use (seed 003): a token for its first product instance, and a partner who sets
 * licensing up, as an account user; never one who accepts. `context` is that of whoever accepted.
 */
export async function takeFirstSteps(
  context: Context,
  made: { account: AccountRow; defaultVirtualAccountId: string },
  wanted: Wanted,
): Promise<Pick<AnswerOf<typeof acceptAccount>, 'firstToken' | 'partnerLink'>> {
  const { account, defaultVirtualAccountId: virtualAccountId } = made;
  const { accountId } = account;
  const token = wanted.firstToken
    ? await makeToken(
        context,
        { accountId, virtualAccountId },
        {
          description: 'First token, made with the account',
          ...firstToken,
          exportControlledAllowed: false,
          addressRange: null,
        },
      )
    : null;
  if (wanted.partner === undefined) return { firstToken: token, partnerLink: null };
  const { told } = await giveRole(context, account, {
    ...wanted.partner,
    role: 'account-user',
    scope: { kind: 'account' },
    until: null,
  });
  return { firstToken: token, partnerLink: told.invitationLink };
}
