import type { FastifyInstance } from 'fastify';
import { inTransaction } from '../../database/transaction.ts';
import { notFound } from '../../edge/refused.ts';
import { memberOf } from '../library-requests.ts';
import type { SignInDependencies } from '../session-requests.ts';
import { type ComeBack, requireSetting, singleSignOnPath, stateIn, stopped } from './flow-routes.ts';
import { findFlow, keepOutcome, takeAssertion } from './flows-store.ts';
import { FlowStopped, outcomeAddress } from './outcome-address.ts';
import { readSamlResponse, samlMetadata } from './saml.ts';

/** A response with a signed assertion has some 10 kB. */
const responseBytes = 256 * 1024;

/**
 * SAML 2.0 at the address of a domain, where the installation has it switched on. The response comes as a form of another
 * site, which carries no cookie of ours: what it says is kept, and the browser comes for it by a request of its own.
 */
export function addSamlRoutes(
  app: FastifyInstance,
  dependencies: SignInDependencies,
  comeBack: ComeBack,
): void {
  const { db, installation, now } = dependencies;
  if (!installation.saml) return;

  app.get(`${singleSignOnPath}/saml/:mailDomainId/metadata`, async (request, reply) => {
    const { mailDomainId } = request.params as { mailDomainId: string };
    if (!/^[0-9a-f-]{36}$/.test(mailDomainId)) throw notFound('mail domain');
    return reply
      .type('application/samlmetadata+xml; charset=utf-8')
      .send(samlMetadata(installation, mailDomainId));
  });

  app.get(`${singleSignOnPath}/saml-return`, (request, reply) =>
    comeBack(dependencies, request, reply, stateIn(request), async ({ flow }) => {
      if (flow.outcome === null) throw new FlowStopped('ended');
      return flow.outcome;
    }),
  );

  app.register(async (forms) => {
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: responseBytes },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    forms.post(`${singleSignOnPath}/saml/:mailDomainId`, async (request, reply) => {
      const state = String(memberOf(request, 'RelayState') ?? '');
      const response = String(memberOf(request, 'SAMLResponse') ?? '');
      const { mailDomainId } = request.params as { mailDomainId: string };
      const flow = await findFlow(db, state, now());
      if (flow === undefined || flow.mailDomainId !== mailDomainId || flow.outcome !== null) {
        return reply.redirect(outcomeAddress(undefined, 'ended'), 303);
      }
      try {
        const setting = await requireSetting(dependencies, flow);
        const { connection } = setting;
        if (connection.protocol !== 'saml') throw new FlowStopped('ended');
        const { assertionId, ...said } = await readSamlResponse(installation, setting, connection, {
          state,
          flow,
          response,
        });
        await inTransaction(db, async (trx) => {
          const isNew = await takeAssertion(trx, flow, assertionId, now());
          if (!isNew || !(await keepOutcome(trx, state, said))) {
            throw new FlowStopped('answer-refused', { cause: new Error('the assertion was taken before') });
          }
        });
        return reply.redirect(`${singleSignOnPath}/saml-return?flow=${encodeURIComponent(state)}`, 303);
      } catch (error) {
        return reply.redirect(stopped(request, flow, error), 303);
      }
    });
  });
}
