import { judgeProof } from '@estover/domain/access';
import { mailDomainOf, normalizeMailAddress } from '@estover/domain/accounts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { inTransaction } from '../../database/transaction.ts';
import { Refused } from '../../edge/refused.ts';
import { memberOf, textOf } from '../library-requests.ts';
import { requireSameOrigin } from '../same-origin.ts';
import { beginSession, requireSession, type SignInDependencies } from '../session-requests.ts';
import { type SignedIn, signInPath } from '../sign-in.ts';
import { beganFlow, markBrowser } from './browser-binding.ts';
import { finishFlow } from './finish-flow.ts';
import { goAddress } from './flow-address.ts';
import { beginFlow, type Flow, type FlowPurpose, findFlow, type Said, takeFlow } from './flows-store.ts';
import { oidcAddress, redeem } from './oidc.ts';
import { FlowStopped, insidePath, outcomeAddress } from './outcome-address.ts';
import { samlAddress } from './saml.ts';
import { addSamlRoutes } from './saml-routes.ts';
import { findSetting, type Setting, settingInForce } from './settings-store.ts';

export const singleSignOnPath = `${signInPath}/single-sign-on`;

const domainOf = (email: string): string => mailDomainOf(normalizeMailAddress(email));

/**
 * Sign-in at a person's company. A flow begins here with a mail address or a session, goes to the provider by `go`, and
 * comes back to an address of its own domain. Each state is used once, by the browser that began it. What begins is
 * counted; what goes on needs a state that nobody guesses.
 */
export function addSingleSignOnRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  addBeginnings(app, dependencies);
  addGo(app, dependencies);
  app.get(`${singleSignOnPath}/oidc/:mailDomainId`, (request, reply) => {
    const search = new URL(request.url, 'http://x').search.slice(1);
    const state = new URLSearchParams(search).get('state') ?? '';
    return comeBack(dependencies, request, reply, state, async ({ flow, setting }) => {
      const { connection } = setting;
      if (connection.protocol !== 'oidc') throw new FlowStopped('ended');
      const { installation, now } = dependencies;
      return redeem(installation, setting, connection, { state, flow, query: search, now: now() });
    });
  });
  addSamlRoutes(app, dependencies, comeBack);
}

function addBeginnings(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, now, tries } = dependencies;

  /** Keeps a flow, and answers where the browser goes. */
  const begin = async (
    setting: Setting,
    flow: Pick<Flow, 'purpose' | 'browserHash' | 'sessionId' | 'personId' | 'email' | 'nextPath'>,
  ): Promise<string> => {
    const { accountId, mailDomainId } = setting;
    const state = await inTransaction(db, (trx) =>
      beginFlow(trx, { accountId, mailDomainId, ...flow }, now()),
    );
    return goAddress(installation, state);
  };

  // What is answered depends on the domain alone: nobody learns who is here.
  app.post(`${signInPath}/sign-in/begin`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const email = textOf(request, 'email', 254);
    tries.countOrigin(request, reply);
    const setting = await settingInForce(db, domainOf(email));
    if (setting === undefined || !isSpoken(setting, dependencies)) return { state: 'password' };
    const url = await begin(setting, {
      purpose: 'sign-in',
      browserHash: markBrowser(request, reply, installation.publicUrl),
      sessionId: null,
      personId: null,
      email,
      nextPath: insidePath(memberOf(request, 'next')),
    });
    return { state: 'single-sign-on', url };
  });

  const ofSession = async (own: SignedIn, purpose: FlowPurpose, nextPath: string | null) => {
    const { personId, sessionId, email } = own;
    const setting = await settingInForce(db, domainOf(email));
    if (setting === undefined || !isSpoken(setting, dependencies)) {
      throw new Refused('single-sign-on-not-set', `There is no sign-in of ${domainOf(email)} here.`);
    }
    return {
      url: await begin(setting, { purpose, browserHash: null, sessionId, personId, email, nextPath }),
    };
  };

  app.post(`${singleSignOnPath}/link`, async (request) => {
    const own = await requireSession(request, dependencies);
    const judged = judgeProof(own.provedAt, now());
    if (!judged.ok) throw new Refused('step-up-required', judged.detail);
    return ofSession(own, 'link', null);
  });

  app.post(`${signInPath}/step-up/single-sign-on`, async (request) => {
    const own = await requireSession(request, dependencies);
    return ofSession(own, 'step-up', insidePath(memberOf(request, 'next')));
  });
}

/** Whether the installation speaks the protocol of a setting: SAML may have been switched off since. */
const isSpoken = ({ connection }: Setting, { installation }: Pick<SignInDependencies, 'installation'>) =>
  connection.protocol !== 'saml' || installation.saml;

/** On the way there: the provider is asked who it is outside of any transaction, and by a request of its own. */
function addGo(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, now } = dependencies;
  app.get(`${singleSignOnPath}/go`, async (request, reply) => {
    const state = stateIn(request);
    const flow = await findFlow(db, state, now());
    if (flow === undefined || !(await beganFlow(request, dependencies, flow))) {
      return reply.redirect(outcomeAddress(undefined, 'ended'), 303);
    }
    try {
      const setting = await requireSetting(dependencies, flow);
      const { connection } = setting;
      const address =
        connection.protocol === 'oidc'
          ? await oidcAddress(installation, setting, connection, { state, flow })
          : await samlAddress(installation, setting, connection, { state, flow });
      return reply.redirect(address, 303);
    } catch (error) {
      return reply.redirect(stopped(request, flow, error), 303);
    }
  });
}

export const stateIn = ({ query }: FastifyRequest): string =>
  String((query as Record<string, string | undefined>)['flow'] ?? '');

/** The setting of a flow, which is on or tested. */
export async function requireSetting(
  { db, installation }: Pick<SignInDependencies, 'db' | 'installation'>,
  { accountId, mailDomainId, purpose }: Flow,
): Promise<Setting> {
  const setting = await findSetting(db, accountId, mailDomainId);
  const mayBeUsed =
    setting !== undefined && (setting.isOn || purpose === 'test') && isSpoken(setting, { installation });
  if (!mayBeUsed) throw new FlowStopped('ended');
  return setting;
}

/** Where a browser goes whose way has stopped. What nobody foresaw is no outcome. */
export function stopped(request: FastifyRequest, flow: Flow, error: unknown): string {
  if (!(error instanceof FlowStopped)) throw error;
  const { problem, cause } = error;
  if (cause !== undefined) {
    // The reason is for the operator. It names claims and addresses, never tokens.
    request.log.warn(
      { problem, reason: reasonsOf(cause), requestId: request.id },
      'a sign-in at a company was refused',
    );
  }
  return outcomeAddress(flow, problem);
}

function reasonsOf(cause: unknown): string[] {
  const reasons: string[] = [];
  for (let at = cause; at instanceof Error && reasons.length < 4; at = at.cause) reasons.push(at.message);
  return reasons;
}

export type ComeBack = typeof comeBack;

/** Somebody comes back: their flow ends, whatever comes of it. `read` says who they are. */
async function comeBack(
  dependencies: SignInDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  state: string,
  read: (given: { flow: Flow; setting: Setting }) => Promise<Said>,
): Promise<FastifyReply> {
  const { db, now } = dependencies;
  const flow = await inTransaction(db, (trx) => takeFlow(trx, state, now()));
  const { mailDomainId } = request.params as { mailDomainId?: string };
  const isTheirs =
    flow !== undefined &&
    (mailDomainId === undefined || mailDomainId === flow.mailDomainId) &&
    (await beganFlow(request, dependencies, flow));
  if (!isTheirs) return reply.redirect(outcomeAddress(undefined, 'ended'), 303);
  try {
    const setting = await requireSetting(dependencies, flow);
    const said = await read({ flow, setting });
    const where = { from: request.ip, requestId: request.id };
    const personId = await finishFlow(dependencies, { flow, setting, said, where });
    if (personId !== null) await beginSession(dependencies, request, reply, { personId });
    return reply.redirect(outcomeAddress(flow, null), 303);
  } catch (error) {
    return reply.redirect(stopped(request, flow, error), 303);
  }
}
