import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUIDv7 } from 'node:crypto';
import { passwordLength } from '@estover/domain/access';
import { type BetterAuthPlugin, betterAuth } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import type { KyselyPlugin, UnknownRow } from 'kysely';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { isDatabaseAway } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** A person with a session. */
export interface SignedIn {
  personId: string;
  sessionId: string;
  name: string;
  email: string;
  /** When they last proved who they are in this session; null when that is not known. */
  provedAt: Temporal.Instant | null;
}

/** A session that was just opened. */
export interface Opened {
  /** Its cookies; what it says is for nobody else. */
  response: Response;
  token: string;
}

/** Sign-in of people: who a cookie belongs to, and the few requests of sign-in itself. */
export interface SignIn {
  personOf(cookie: string | undefined): Promise<SignedIn | null>;
  /** Answers a request below `/auth`, which the caller has decided may be made. Rejects where the database is away. */
  handle(request: Request): Promise<Response>;
  /** Opens a session for a person who has proved who they are in another way than by a password alone. */
  open(personId: string, headers: Headers): Promise<Opened>;
  /** Where requests must claim to come from, and below which they lie. */
  baseUrl(): string;
}

/** Where the address of the caller is handed over; a value from outside never gets through. */
export const addressHeader = 'x-estover-address';
export const signInPath = '/auth';

const sessionDays = 7;

/** The sign-in library knows `Date` where everything else here knows `Temporal.Instant`. */
const asDates: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    const rows = result.rows.map((row: UnknownRow) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [
          column,
          value instanceof Temporal.Instant ? new Date(value.epochMilliseconds) : value,
        ]),
      ),
    );
    return { ...result, rows };
  },
};

/**
 * Passwords and sessions by better-auth, on our tables; roles and API keys are ours. Sessions end 7 days after sign-in.
 * The library is made at the first use, because the public address is known only once the server listens.
 */
export function createSignIn(db: Database, installation: Installation, now: () => Temporal.Instant): SignIn {
  let made: ReturnType<typeof createLibrary> | undefined;
  const library = () => {
    made ??= createLibrary(db, installation, now);
    return made;
  };
  return {
    async personOf(cookie) {
      // Most requests come with an API key; they cost no look-up of a session.
      if (cookie === undefined || !cookie.includes(`${cookiePrefix}.session_token=`)) return null;
      const found = await library().api.getSession({ headers: new Headers({ cookie }) });
      if (found === null) return null;
      const { user, session } = found;
      const { provedAt } = session;
      return {
        personId: user.id,
        sessionId: session.id,
        name: user.name,
        email: user.email,
        provedAt:
          provedAt instanceof Date ? Temporal.Instant.fromEpochMilliseconds(provedAt.getTime()) : null,
      };
    },
    async handle(request) {
      const box: { failure?: unknown } = {};
      const response = await failures.run(box, () => library().handler(request));
      if (box.failure !== undefined) throw box.failure;
      return response;
    },
    async open(personId, headers) {
      const asked = { body: { personId }, headers, asResponse: true } as const;
      const response = await library().api.openSession(asked);
      if (!response.ok) throw new Error(`a session could not be opened: ${response.status}`);
      const { token } = z.object({ token: z.string() }).parse(await response.clone().json());
      return { response, token };
    },
    baseUrl: () => `${installation.publicUrl}${signInPath}`,
  };
}

const cookiePrefix = 'estover';

/**
 * The library answers 500 whatever went wrong. Where the database was away, or too many passwords are checked, that is kept
 * here for whoever handles the request, so that people are told to try again as everywhere else.
 */
const failures = new AsyncLocalStorage<{ failure?: unknown }>();

/** What the library has no request for: a session for somebody whom this server has recognized itself. */
const ownSessions = {
  id: 'estover',
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ personId: z.string() }) },
      async (context) => {
        const { internalAdapter } = context.context;
        const user = await internalAdapter.findUserById(context.body.personId);
        if (user === null) throw new Error('the person of a session is not there');
        const session = await internalAdapter.createSession(user.id);
        await setSessionCookie(context, { session, user });
        return context.json({ token: session.token });
      },
    ),
  },
} satisfies BetterAuthPlugin;

function createLibrary(db: Database, installation: Installation, now: () => Temporal.Instant) {
  const secure = installation.publicUrl.startsWith('https:');
  // `__Host-` binds a cookie to this host, to https and to the path /, so that no neighbour can set one.
  const cookie = (name: string) => ({
    name: `${secure ? '__Host-' : ''}${cookiePrefix}.${name}`,
    attributes: { secure, httpOnly: true, sameSite: 'lax' as const, path: '/' },
  });
  const times = { createdAt: 'created_at', updatedAt: 'updated_at' };
  return betterAuth({
    appName: 'Estover',
    baseURL: installation.publicUrl,
    basePath: signInPath,
    secret: installation.derive('sign-in').toString('base64'),
    database: { db: db.withPlugin(asDates), type: 'postgres', transaction: true },
    telemetry: { enabled: false },
    // Tries are bounded before they get here, by mail address as well.
    rateLimit: { enabled: false },
    logger: { disabled: true },
    onAPIError: {
      throw: false,
      onError(error) {
        const box = failures.getStore();
        if (box !== undefined && (isDatabaseAway(error) || error instanceof Refused)) box.failure = error;
      },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLength.minimum,
      maxPasswordLength: passwordLength.maximum,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    session: {
      modelName: 'sessions',
      fields: {
        userId: 'person_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...times,
      },
      expiresIn: sessionDays * 24 * 60 * 60,
      disableSessionRefresh: true,
      freshAge: 0,
      cookieCache: { enabled: false },
      additionalFields: {
        provedAt: { type: 'date', required: false, input: false, fieldName: 'proved_at' },
      },
    },
    // Every session begins with a password, a passkey or a code.
    databaseHooks: {
      session: {
        create: {
          before: async (session) => ({
            data: { ...session, provedAt: new Date(now().epochMilliseconds) },
          }),
        },
      },
    },
    plugins: [ownSessions],
    user: { modelName: 'people', fields: { emailVerified: 'email_verified', ...times } },
    account: {
      modelName: 'sign_in_accounts',
      fields: {
        userId: 'person_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...times,
      },
    },
    verification: { modelName: 'verifications', fields: { expiresAt: 'expires_at', ...times } },
    advanced: {
      cookiePrefix,
      useSecureCookies: false,
      cookies: {
        session_token: cookie('session_token'),
        session_data: cookie('session_data'),
        account_data: cookie('account_data'),
        dont_remember: cookie('dont_remember'),
      },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: () => randomUUIDv7() },
    },
  });
}
