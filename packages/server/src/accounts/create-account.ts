import { normalizeDomainIdentifier } from '@estover/domain/accounts';
import { createAccount } from '@estover/protocol';
import { admitPerson, insertGrant } from '../access/index.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { accountAnswer } from './account-view.ts';
import { type AccountRow, findAccountByDomain, insertAccount } from './accounts-store.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { insertVirtualAccount } from './virtual-accounts-store.ts';

const defaultName = 'Default';

export const createAccountHandler = command(createAccount, async (context, { body }) => {
  const { trx, now, newId, actor } = context;
  const domain = normalizeDomainIdentifier(body.domainIdentifier, publicMailDomainsOf(context.installation));
  if (!domain.ok) {
    throw new Refused('invalid-request', domain.detail, {
      errors: [{ pointer: 'body/domainIdentifier', detail: domain.detail, code: domain.code }],
    });
  }
  const account: AccountRow = {
    accountId: newId(),
    name: body.name,
    domainIdentifier: domain.value,
    status: 'active',
    exportCategory: body.exportCategory,
    sequencePolicy: 'flag',
    createdAt: now,
  };
  const { accountId } = account;
  if (!(await insertAccount(trx, account))) {
    const taken = await findAccountByDomain(trx, domain.value);
    throw new Refused(
      'domain-identifier-taken',
      `${domain.value} is the identifier of the account ${taken?.name ?? ''}.`,
      { domainIdentifier: domain.value, accountId: taken?.accountId },
    );
  }

  const defaultVirtualAccountId = newId();
  await insertVirtualAccount(trx, {
    accountId,
    virtualAccountId: defaultVirtualAccountId,
    parentId: null,
    name: defaultName,
    description: '',
    accessLevel: 'unrestricted',
    isDefault: true,
    depth: 1,
    createdAt: now,
  });

  // The operator vouches for the address, so somebody without a password may always be invited anew from here.
  const { person, tell } = await admitPerson(context, account, body.administrator, async () => true);
  for (const role of ['account-administrator', 'approver'] as const) {
    await insertGrant(trx, {
      accountId,
      grantId: newId(),
      personId: person.personId,
      role,
      scope: { kind: 'account' },
      until: null,
      grantedBy: actor.name,
      grantedAt: now,
    });
  }
  const told = await tell({ role: 'account-administrator', until: null });

  const answer = accountAnswer(account);
  return {
    answer: { account: answer, defaultVirtualAccountId, ...told },
    event: {
      accountId,
      objectKind: 'account',
      objectId: accountId,
      message: `made the account ${account.name} (${account.domainIdentifier}) with ${person.email} as its administrator and approver`,
      after: { ...answer, defaultVirtualAccountId, administrator: person.email },
    },
  };
});
