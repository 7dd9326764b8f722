import { randomUUID } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { providerKey } from './saml-keys.ts';

export const providerEntityId = 'https://idp.example/saml';

/** What a response says; everything has the value that is taken, unless a test says otherwise. */
export interface ResponseFacts {
  /** The inside of the NameID, as XML. */
  nameId: string;
  nameIdFormat?: string;
  email?: string | null;
  issuer?: string;
  audience?: string | null;
  recipient?: string;
  /** Null leaves it out. */
  inResponseTo?: string | null;
  assertionId?: string;
  /** Seconds from now. */
  notBefore?: number;
  notOnOrAfter?: number;
  authenticated?: number;
  /** Which elements are signed. */
  signed?: readonly ('assertion' | 'response')[];
  key?: string;
  status?: string;
}

/** A request for a sign-in, as it lies in the address a browser is sent to. */
export interface SamlRequest {
  id: string;
  assertionConsumerUrl: string;
  issuer: string;
  forceAuthn: boolean;
  relayState: string;
}

export function readRequest(address: URL): SamlRequest {
  const packed = Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64');
  const xml = inflateRawSync(packed).toString('utf8');
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(xml)?.[1] ?? '';
  return {
    id: attribute('ID'),
    assertionConsumerUrl: attribute('AssertionConsumerServiceURL'),
    issuer: />([^<]+)<\/saml:Issuer>/.exec(xml)?.[1] ?? '',
    forceAuthn: attribute('ForceAuthn') === 'true',
    relayState: address.searchParams.get('RelayState') ?? '',
  };
}

const namespaces =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

/** The XML of a response, signed. */
export function makeResponse(request: SamlRequest, facts: ResponseFacts): string {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const { issuer = providerEntityId, audience = request.issuer, email, signed = ['assertion'] } = facts;
  const { nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' } = facts;
  const inResponseTo =
    facts.inResponseTo === null ? '' : ` InResponseTo="${facts.inResponseTo ?? request.id}"`;
  const end = at(facts.notOnOrAfter ?? 300);
  const assertionId = facts.assertionId ?? `_a${randomUUID()}`;
  const assertion = `<saml:Assertion ${namespaces} ID="${assertionId}" Version="2.0" IssueInstant="${at(0)}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${nameIdFormat}">${facts.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${end}" Recipient="${facts.recipient ?? request.assertionConsumerUrl}"${inResponseTo}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(facts.notBefore ?? -10)}" NotOnOrAfter="${end}">${audience === null ? '' : `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`}</saml:Conditions><saml:AuthnStatement AuthnInstant="${at(facts.authenticated ?? 0)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${email === null ? '' : `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>${email ?? facts.nameId}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`}</saml:Assertion>`;
  const inside = signed.includes('assertion') ? sign(assertion, 'Assertion', facts.key) : assertion;
  const status = facts.status ?? 'Success';
  const response = `<samlp:Response ${namespaces} ID="_r${randomUUID()}" Version="2.0" IssueInstant="${at(0)}" Destination="${request.assertionConsumerUrl}"${inResponseTo}><saml:Issuer>${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>${inside}</samlp:Response>`;
  return signed.includes('response') ? sign(response, 'Response', facts.key) : response;
}

function sign(xml: string, element: 'Assertion' | 'Response', privateKey = providerKey): string {
  const signature = new SignedXml({
    privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signature.addReference({
    xpath: `/*[local-name(.)='${element}']`,
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `/*[local-name(.)='${element}']/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}

const assertionOf = (xml: string): string => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
const signatureOf = (xml: string): string => /<ds:Signature.*?<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
const into = (signature: string, xml: string): string =>
  signature.replace('</ds:Signature>', `<ds:Object>${xml}</ds:Object></ds:Signature>`);

/**
 * Signature wrapping, in the eight ways that are known (Somorovsky et al., "On Breaking SAML", 2012): what was signed is
 * still there, and beside it stands somebody else. `evil` is who; in 1 and 2 the response is signed, in the others the
 * assertion.
 */
export const wrappings: Record<
  string,
  (genuine: { assertion: string; response: string }, evil: string) => string
> = {
  'XSW 1, around a response': ({ response }, evil) => {
    const bad = forged(response, evil);
    return bad.replace(
      '</saml:Issuer>',
      `</saml:Issuer>${into(signatureOf(response), response.replace(signatureOf(response), ''))}`,
    );
  },
  'XSW 2, beside a response': ({ response }, evil) => {
    const bad = forged(response, evil);
    return bad.replace(
      '</saml:Issuer>',
      `</saml:Issuer>${response.replace(signatureOf(response), '')}${signatureOf(response)}`,
    );
  },
  'XSW 3, before the assertion': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    return assertion.replace(good, `${evilAssertion(good, evil)}${good}`);
  },
  'XSW 4, around the assertion': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    return assertion.replace(
      good,
      evilAssertion(good, evil).replace('</saml:Assertion>', `${good}</saml:Assertion>`),
    );
  },
  'XSW 5, with the signature of one behind': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    const signature = signatureOf(good);
    const bad = evilAssertion(good, evil).replace('</saml:Issuer>', `</saml:Issuer>${signature}`);
    return assertion.replace(good, `${bad}${good.replace(signature, '')}`);
  },
  'XSW 6, with the assertion in its signature': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    const signature = signatureOf(good);
    const wrapped = signature.replace('</ds:Signature>', `${good.replace(signature, '')}</ds:Signature>`);
    return assertion.replace(
      good,
      evilAssertion(good, evil).replace('</saml:Issuer>', `</saml:Issuer>${wrapped}`),
    );
  },
  'XSW 7, in an extension': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    const bad = forged(good, evil).replace(signatureOf(good), '');
    return assertion.replace(good, `<samlp:Extensions>${bad}</samlp:Extensions>${good}`);
  },
  'XSW 8, with the assertion in an object of its signature': ({ assertion }, evil) => {
    const good = assertionOf(assertion);
    const signature = signatureOf(good);
    const wrapped = into(signature, good.replace(signature, ''));
    const bad = forged(good, evil)
      .replace(signature, '')
      .replace('</saml:Issuer>', `</saml:Issuer>${wrapped}`);
    return assertion.replace(good, bad);
  },
};

/** The same with somebody else in it. */
const forged = (xml: string, evil: string): string =>
  xml
    .replace(/(<saml:NameID[^>]*>).*?(<\/saml:NameID>)/s, `$1${evil}$2`)
    .replace(/(<saml:AttributeValue>).*?(<\/saml:AttributeValue>)/s, `$1${evil}$2`);

/** An assertion of somebody else, with an id of its own and no signature. */
const evilAssertion = (good: string, evil: string): string =>
  forged(good, evil)
    .replace(signatureOf(good), '')
    .replace(/ ID="[^"]*"/, ' ID="_evil"');
