import { mailDomainOf, normalizeMailAddress } from '@estover/domain/accounts';
import { generateServiceProviderMetadata, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { z } from 'zod';
import type { Installation } from '../../installation/index.ts';
import { type Flow, flowMinutes, type Said, secretsOf } from './flows-store.ts';
import { addressesOf } from './mail-domains-view.ts';
import { FlowStopped } from './outcome-address.ts';
import type { Connection, Setting } from './settings-store.ts';

type SamlConnection = Extract<Connection, { protocol: 'saml' }>;

const toleranceSeconds = 60;

/** Where a browser is sent to sign in by SAML. Requests are not signed: nothing in them is a secret or a right. */
export async function samlAddress(
  installation: Installation,
  setting: Setting,
  connection: SamlConnection,
  { state, flow }: { state: string; flow: Flow },
): Promise<string> {
  return library(installation, setting, connection, { state, flow }).getAuthorizeUrlAsync(
    state,
    undefined,
    {},
  );
}

/** What providers ask for to know this domain's sign-in, as XML. */
export function samlMetadata(installation: Installation, mailDomainId: string): string {
  const { entityId, assertionConsumerUrl } = addressesOf(installation, mailDomainId);
  return generateServiceProviderMetadata({
    issuer: entityId,
    callbackUrl: assertionConsumerUrl,
    wantAssertionsSigned: true,
    identifierFormat: null,
    // The same each time, so that the text can be compared.
    generateUniqueId: () => `_${mailDomainId.replaceAll('-', '')}`,
  });
}

/** The part of a signed assertion that the library leaves to us; texts in it stand in lists, with attributes as `$`. */
const assertionShape = z.object({
  Assertion: z.object({
    $: z.object({ ID: z.string().min(1) }),
    Subject: z.tuple([
      z.object({
        SubjectConfirmation: z
          .array(
            z.object({
              $: z.object({ Method: z.string() }),
              SubjectConfirmationData: z.tuple([
                z.object({
                  $: z.object({
                    InResponseTo: z.string(),
                    Recipient: z.string(),
                    NotOnOrAfter: z.string(),
                  }),
                }),
              ]),
            }),
          )
          .length(1),
      }),
    ]),
    AuthnStatement: z.array(z.object({ $: z.object({ AuthnInstant: z.string() }) })).min(1),
  }),
});

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const mailFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

/** Under which names providers put the mail address, by how common they are. */
const mailAttributes = [
  'email',
  'mail',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
];
const nameAttributes = ['displayName', 'http://schemas.microsoft.com/identity/claims/displayname', 'name'];

/**
 * Checks a response by SAML 2.0 and reads who it speaks of. Only what is inside of the signed assertion is read. The
 * library checks signature, time and audience; here it is seen that the assertion answers this very request (SAML
 * Profiles §4.1.4.3), at this address, from this provider.
 *
 * @throws FlowStopped `answer-refused`
 */
export async function readSamlResponse(
  installation: Installation,
  setting: Setting,
  connection: SamlConnection,
  { state, flow, response }: { state: string; flow: Flow; response: string },
): Promise<Said & { assertionId: string }> {
  const refused = (cause: unknown) => new FlowStopped('answer-refused', { cause });
  const saml = library(installation, setting, connection, { state, flow });
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response }).catch((error) => {
    throw refused(error);
  });
  const read = assertionShape.safeParse(profile?.getAssertion?.());
  if (profile === null || !read.success) throw refused(read.error);
  const { $, Subject, AuthnStatement } = read.data.Assertion;
  const confirmation = Subject[0].SubjectConfirmation[0];
  const data = confirmation?.SubjectConfirmationData[0].$;
  const { requestId } = secretsOf(installation, state);
  const isForUs =
    confirmation?.$.Method === bearer &&
    data?.InResponseTo === requestId &&
    data.Recipient === addressesOf(installation, setting.mailDomainId).assertionConsumerUrl &&
    profile.issuer === connection.entityId;
  if (!isForUs) throw refused(new Error('the assertion is not for this request'));
  // A name that changes from sign-in to sign-in is nobody's.
  if (!profile.nameID || profile.nameIDFormat === transient) throw refused(new Error('no lasting name'));
  const attributes = (profile['attributes'] ?? {}) as Record<string, unknown>;
  const attribute = (names: readonly string[]) =>
    names.map((name) => attributes[name]).find((value) => typeof value === 'string') as string | undefined;
  const email =
    attribute(mailAttributes) ?? (profile.nameIDFormat === mailFormat ? profile.nameID : undefined);
  const authenticatedAt = AuthnStatement[0]?.$.AuthnInstant ?? '';
  return {
    assertionId: $.ID,
    issuer: connection.entityId,
    subject: profile.nameID,
    email: email === undefined ? null : normalizeMailAddress(email),
    // SAML has no word for it. What the company's own sign-in signs for its own domain is what the company says.
    emailVerified: email !== undefined && mailDomainOf(normalizeMailAddress(email)) === setting.domain,
    name: attribute(nameAttributes) ?? null,
    authenticatedAt: readInstant(authenticatedAt),
  };
}

function readInstant(text: string): string | null {
  try {
    return Temporal.Instant.from(text).toString();
  } catch {
    return null;
  }
}

function library(
  installation: Installation,
  { mailDomainId }: Setting,
  { entityId: idpIssuer, signInUrl, certificate }: SamlConnection,
  { state, flow }: { state: string; flow: Flow },
): SAML {
  const { entityId, assertionConsumerUrl } = addressesOf(installation, mailDomainId);
  const { requestId } = secretsOf(installation, state);
  return new SAML({
    issuer: entityId,
    audience: entityId,
    callbackUrl: assertionConsumerUrl,
    entryPoint: signInUrl,
    idpCert: certificate,
    idpIssuer,
    wantAssertionsSigned: true,
    // Most providers sign only the assertion, and only that is read.
    wantAuthnResponseSigned: false,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    forceAuthn: flow.purpose === 'step-up',
    acceptedClockSkewMs: toleranceSeconds * 1000,
    generateUniqueId: () => requestId,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: (flowMinutes + 1) * 60_000,
    // The flow in the database is what is answered once; the library asks here whether it is this one.
    cacheProvider: {
      saveAsync: async () => null,
      getAsync: async (key) => (key === requestId ? flow.createdAt.toString() : null),
      removeAsync: async () => null,
    },
  });
}
