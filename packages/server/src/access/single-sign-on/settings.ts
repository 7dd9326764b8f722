import { X509Certificate } from 'node:crypto';
import { changeSingleSignOn as decideChange } from '@estover/domain/access';
import { type BodyOf, changeSingleSignOn, setSingleSignOn, startSingleSignOnTest } from '@estover/protocol';
import type { Context } from '../../edge/context.ts';
import { command, type Handler } from '../../edge/operation.ts';
import { Refused } from '../../edge/refused.ts';
import { requireMayGive } from '../granting.ts';
import { requireGroup } from '../groups.ts';
import { requirePerson, requireRecentProof } from '../own-session.ts';
import { goAddress } from './flow-address.ts';
import { beginFlow } from './flows-store.ts';
import { lockForSettings, requireMailDomain } from './mail-domains.ts';
import { mailDomainAnswer } from './mail-domains-view.ts';
import { secretPurpose } from './secret-purpose.ts';
import {
  type Connection,
  findSetting,
  lastingAdministrators,
  type Setting,
  saveConnection,
  saveRules,
} from './settings-store.ts';

export const singleSignOnHandlers: readonly Handler[] = [
  command(setSingleSignOn, async (context, { params: { accountId, mailDomainId }, body }) => {
    const { trx, now, actor, installation } = context;
    await lockForSettings(context, accountId);
    requireRecentProof(context);
    const { domain, provedAt } = await requireMailDomain(context, accountId, mailDomainId);
    if (provedAt === null) {
      throw new Refused('mail-domain-not-proved', `${domain} is not proved to be the account’s.`);
    }
    if (body.protocol === 'saml' && !installation.saml) throw samlOff();
    const before = await findSetting(trx, accountId, mailDomainId);
    const connection = connectionIn(body);
    const secretSealed = sealedSecret(context, mailDomainId, connection, body, before);
    await saveConnection(trx, {
      accountId,
      mailDomainId,
      connection,
      secretSealed,
      changedBy: actor.name,
      changedAt: now,
    });
    const how = connection.protocol === 'oidc' ? 'OpenID Connect' : 'SAML';
    const at = connection.protocol === 'oidc' ? connection.issuer : connection.entityId;
    return {
      answer: { mailDomain: await mailDomainAnswer(context, accountId, mailDomainId) },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message: `set single sign-on of ${domain} to ${at} by ${how}; it is off until it is tested`,
        ...(before !== undefined && { before: { ...before.connection, isOn: before.isOn } }),
        after: { ...connection, isOn: false, newSecret: secretSealed !== (before?.secretSealed ?? null) },
      },
    };
  }),

  command(changeSingleSignOn, async (context, { params: { accountId, mailDomainId }, body }) => {
    const { trx, now, actor } = context;
    await lockForSettings(context, accountId);
    requireRecentProof(context);
    const { domain } = await requireMailDomain(context, accountId, mailDomainId);
    const before = await requireSetting(context, accountId, mailDomainId, domain);
    const { exemptPersonIds, ...wanted } = body;
    const eligible = (await lastingAdministrators(trx, accountId))
      .filter(({ couldBeExempt }) => couldBeExempt)
      .map(({ personId }) => personId);
    const rules = rulesOf(before);
    const decision = decideChange(
      { ...rules, isTested: before.testedAt !== null },
      { ...definedOnly(wanted), ...(exemptPersonIds !== undefined && { exempt: exemptPersonIds }) },
      eligible,
    );
    if (!decision.ok) throw refusedChange(decision, domain);
    const after = decision.value;
    if (after.groupId !== null && after.groupId !== before.groupId) {
      const group = await requireGroup(context, accountId, after.groupId);
      if (group.until !== null && Temporal.Instant.compare(group.until, now) <= 0) {
        throw new Refused('group-ended', `The role of the group ${group.name} ended at ${group.until}.`);
      }
      // Whoever comes gets what the group gives: naming it is giving it.
      await requireMayGive(context, accountId, group);
    }
    await saveRules(trx, before, after, { name: actor.name, at: now });
    return {
      answer: { mailDomain: await mailDomainAnswer(context, accountId, mailDomainId) },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message: `changed single sign-on of ${domain}: ${inWords(after)}`,
        before: rules,
        after,
      },
    };
  }),

  command(startSingleSignOnTest, async (context, { params: { accountId, mailDomainId } }) => {
    const { trx, now, installation } = context;
    await lockForSettings(context, accountId);
    const { id, session } = requirePerson(context);
    const { domain } = await requireMailDomain(context, accountId, mailDomainId);
    const { connection } = await requireSetting(context, accountId, mailDomainId, domain);
    if (connection.protocol === 'saml' && !installation.saml) throw samlOff();
    const state = await beginFlow(
      trx,
      {
        accountId,
        mailDomainId,
        purpose: 'test',
        browserHash: null,
        sessionId: session.sessionId,
        personId: id,
        email: null,
        nextPath: null,
      },
      now,
    );
    return {
      answer: { url: goAddress(installation, state) },
      event: {
        accountId,
        objectKind: 'mail-domain',
        objectId: mailDomainId,
        message: `began a test of single sign-on of ${domain}`,
      },
    };
  }),
];

const samlOff = () => new Refused('saml-off', 'Single sign-on by SAML is not switched on here.');

async function requireSetting(
  { trx }: Pick<Context, 'trx'>,
  accountId: string,
  mailDomainId: string,
  domain: string,
): Promise<Setting> {
  const found = await findSetting(trx, accountId, mailDomainId);
  if (found !== undefined) return found;
  throw new Refused('single-sign-on-not-set', `No provider is set for ${domain}.`);
}

/** The connection without its secret, in the form in which it is compared and shown. */
function connectionIn(body: BodyOf<typeof setSingleSignOn>): Connection {
  if (body.protocol === 'oidc') {
    const { protocol, issuer, clientId } = body;
    return { protocol, issuer, clientId };
  }
  const { protocol, entityId, signInUrl, certificate } = body;
  return { protocol, entityId, signInUrl, certificate: readCertificate(certificate) };
}

/** A certificate as PEM, with or without its first and last line. */
function readCertificate(given: string): string {
  const inside = given.replaceAll(/-----(BEGIN|END) CERTIFICATE-----/g, '').replaceAll(/\s/g, '');
  try {
    return new X509Certificate(Buffer.from(inside, 'base64')).toString();
  } catch {
    throw new Refused('saml-certificate-invalid', 'The text is not the PEM of one certificate.');
  }
}

/**
 * The secret as it is kept. The sealed one is bound to issuer and client, so that it opens for no other address even if
 * a row was changed by hand.
 */
function sealedSecret(
  { installation }: Pick<Context, 'installation'>,
  mailDomainId: string,
  connection: Connection,
  body: BodyOf<typeof setSingleSignOn>,
  before: Setting | undefined,
): string | null {
  if (connection.protocol === 'saml' || body.protocol === 'saml') return null;
  const purpose = secretPurpose(mailDomainId, connection);
  if (body.clientSecret !== undefined) return installation.seal(purpose, body.clientSecret);
  const same =
    before?.connection.protocol === 'oidc' && secretPurpose(mailDomainId, before.connection) === purpose;
  if (same && before.secretSealed !== null) return before.secretSealed;
  throw new Refused(
    'client-secret-needed',
    before === undefined
      ? 'There is no secret of this client yet.'
      : 'The stored secret was given for another issuer or client and is not sent to this one.',
  );
}

const rulesOf = ({ isOn, isRequired, managesPeople, groupId, exempt }: Setting) => ({
  isOn,
  isRequired,
  managesPeople,
  groupId,
  exempt,
});

/** Members that are left out stay as they are. */
const definedOnly = <T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

function refusedChange(
  refusal: Extract<ReturnType<typeof decideChange>, { ok: false }>,
  domain: string,
): Refused {
  switch (refusal.code) {
    case 'break-glass-needed':
      return new Refused(refusal.code, refusal.detail);
    case 'single-sign-on-untested':
      return new Refused(refusal.code, `Nobody has signed in at the provider of ${domain} yet.`);
    case 'single-sign-on-off':
      return new Refused(refusal.code, `It cannot be required for ${domain} while it is off.`);
    case 'nothing-to-do':
      return new Refused(refusal.code, `Single sign-on of ${domain} is like this already.`);
  }
}

function inWords({ isOn, isRequired, managesPeople, groupId, exempt }: ReturnType<typeof rulesOf>): string {
  return [
    isRequired ? `required, but for ${exempt.length} of its administrators` : isOn ? 'on' : 'off',
    managesPeople ? 'people of the domain are managed there' : null,
    groupId === null ? 'nobody is made at their first sign-in' : 'new people come into a group',
  ]
    .filter((part) => part !== null)
    .join('; ');
}
