import { z } from 'zod';
import { instant, text, uuid } from '../shapes.ts';

export const mailDomainParams = z.object({ accountId: uuid, mailDomainId: uuid });

/** An address of a provider. Which ones are asked is judged when they are: public ones, and what the operator allows. */
const providerUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((given) => !/[?#@]/.test(given), { error: 'must have no name, no query and no fragment' });

/** The address a browser is sent to; a provider may need a query in it. */
const signInUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((given) => !/[#@]/.test(given), { error: 'must have no name and no fragment' });

const clientId = text(200);

/** How a provider is reached. Secrets come in and never go out again. */
export const connectionInput = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('oidc'),
    issuer: providerUrl,
    clientId,
    /** Left out, the secret stays as it is; not where issuer or client change, or there is none. */
    clientSecret: z.string().min(1).max(500).optional(),
  }),
  z.strictObject({
    protocol: z.literal('saml'),
    /** The provider's entity id, as its metadata name it. */
    entityId: text(500),
    signInUrl,
    /** PEM of the certificate with which the provider signs. */
    certificate: z.string().min(1).max(20_000),
  }),
]);

export const connection = z.discriminatedUnion('protocol', [
  z.object({ protocol: z.literal('oidc'), issuer: z.string(), clientId: z.string() }),
  z.object({
    protocol: z.literal('saml'),
    entityId: z.string(),
    signInUrl: z.string(),
    certificate: z.string(),
  }),
]);

export const singleSignOn = z.object({
  connection,
  isOn: z.boolean(),
  /** Passwords and passkeys of people of the domain do not sign in, but for those who are exempt. */
  isRequired: z.boolean(),
  /** The company says that who has an address of the domain is who its sign-in says they are. */
  managesPeople: z.boolean(),
  /** The group of those who are made at their first sign-in; null makes nobody. */
  group: z.object({ groupId: uuid, name: z.string() }).nullable(),
  /** People who get in with password and code when the company's sign-in does not work. */
  exempt: z.array(z.object({ personId: z.string(), name: z.string(), email: z.string() })),
  /** When the test went well with what is set. */
  testedAt: instant.nullable(),
  changedBy: z.string(),
  changedAt: instant,
});

/** A mail domain of an account, what proves it, and what to copy into the company's own sign-in. */
export const mailDomain = z.object({
  mailDomainId: uuid,
  domain: z.string(),
  /** The TXT record that proves it. */
  record: z.object({ name: z.string(), text: z.string() }),
  addedBy: z.string(),
  addedAt: instant,
  checkedAt: instant.nullable(),
  provedAt: instant.nullable(),
  /** Where OpenID Connect leads back to. */
  redirectUri: z.string(),
  /** What SAML providers ask for; null where SAML is off in this installation. */
  saml: z
    .object({ entityId: z.string(), assertionConsumerUrl: z.string(), metadataUrl: z.string() })
    .nullable(),
  singleSignOn: singleSignOn.nullable(),
});

/** Who somebody is at their company's sign-in. */
export const identity = z.object({
  identityId: uuid,
  domain: z.string(),
  issuer: z.string(),
  subject: z.string(),
  linkedAt: instant,
  lastUsedAt: instant.nullable(),
});
