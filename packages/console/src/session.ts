import { ProblemError, type passkey, problemErrorOf } from '@estover/protocol';
import type { z } from 'zod';

/** Sign-in of people, at `/auth`, beside the API. Program clients use API keys instead. */

/** What the sign-in service refused, in its own words. */
export class SignInError extends Error {
  override name = 'SignInError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const memberOf = (answer: unknown, name: string): unknown =>
  typeof answer === 'object' && answer !== null && name in answer
    ? (answer as Record<string, unknown>)[name]
    : undefined;
const textOf = (answer: unknown, name: string): string => {
  const value = memberOf(answer, name);
  return typeof value === 'string' ? value : '';
};

async function post(path: string, body: Record<string, unknown>): Promise<unknown> {
  const response = await fetch(`/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  // What the server refuses itself is a problem as everywhere; only the sign-in service has words of its own.
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    throw await problemErrorOf(response);
  }
  // Read in any case: an answer that is left unread keeps its connection.
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new SignInError(response.status, textOf(answer, 'code'), textOf(answer, 'message'));
}

/** Where somebody with this mail address signs in at their company; null where they sign in here. */
export async function beginSignIn(email: string, next: string | undefined): Promise<string | null> {
  const answer = await post('/sign-in/begin', { email, ...(next !== undefined && { next }) });
  return textOf(answer, 'state') === 'single-sign-on' ? textOf(answer, 'url') : null;
}

/** Where a person goes to link themselves with their company's sign-in. */
export const linkIdentity = async (): Promise<string> =>
  textOf(await post('/single-sign-on/link', {}), 'url');

/** Where a person goes to prove again at their company who they are; from there they come back to `next`. */
export const proveAtCompany = async (next: string): Promise<string> =>
  textOf(await post('/step-up/single-sign-on', { next }), 'url');

/** Asks for a mail that proves the person's address. */
export const proveMailAddress = (): Promise<unknown> => post('/mail-address/prove', {});

/** Asks to change the address: a link in a mail to the new one does it. */
export const changeMailAddress = (email: string): Promise<unknown> => post('/mail-address', { email });

/** Does what the link in a mail proves. */
export async function confirmMail(token: string): Promise<{ proved: string; email: string }> {
  const answer = await post('/confirm-mail', { token });
  return { proved: textOf(answer, 'proved'), email: textOf(answer, 'email') };
}

/** Signs in with a password. Answers null, or the challenge with which a code has to follow. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const answer = await post('/sign-in/email', { email, password }).catch((error: unknown) => {
    // Elsewhere this is said of API keys; here it is about what the person has just typed.
    const isWrong = error instanceof ProblemError && error.problem.code === 'sign-in-failed';
    throw isWrong ? new SignInError(401, 'INVALID_EMAIL_OR_PASSWORD', error.message) : error;
  });
  return textOf(answer, 'state') === 'code-needed' ? textOf(answer, 'challenge') : null;
}

/** The second half of such a sign-in: a code of the app, or a recovery code. */
export const signInWithCode = (challenge: string, code: string): Promise<unknown> =>
  post('/sign-in/code', { challenge, code });

export const signOut = (): Promise<unknown> => post('/sign-out', {});

/** Asks for a link for a new password by mail; says the same whether there is such a person or not. */
export const requestPasswordReset = (email: string): Promise<unknown> =>
  post('/request-password-reset', { email });

/** Chooses a new password with the link from the mail, and ends all sessions. Answers the person's mail address. */
export async function resetPassword(token: string, password: string): Promise<string> {
  return textOf(await post('/reset-password', { token, password }), 'email');
}

/** Changes the password and ends the person's other sessions. */
export const changePassword = (currentPassword: string, newPassword: string): Promise<unknown> =>
  post('/change-password', { currentPassword, newPassword });

/** Proves again who the person is, for the next quarter of an hour. */
export const proveAgain = (given: { password: string } | { code: string }): Promise<unknown> =>
  post('/step-up', given);

/** Begins to ask for codes at sign-in: the secret for the authenticator app, as text and as its address. */
export async function startCodes(password: string): Promise<{ secret: string; uri: string }> {
  const answer = await post('/totp/start', { password });
  return { secret: textOf(answer, 'secret'), uri: textOf(answer, 'uri') };
}

const recoveryCodesOf = (answer: unknown): string[] => {
  const codes = memberOf(answer, 'recoveryCodes');
  return Array.isArray(codes) ? codes.map(String) : [];
};

/** Turns codes on with the first one. Answers the recovery codes, which are shown once. */
export const confirmCodes = async (code: string): Promise<string[]> =>
  recoveryCodesOf(await post('/totp/confirm', { code }));

export const renewRecoveryCodes = async (password: string, code: string): Promise<string[]> =>
  recoveryCodesOf(await post('/totp/recovery-codes', { password, code }));

export const turnOffCodes = (password: string, code: string): Promise<unknown> =>
  post('/totp/turn-off', { password, code });

/** Whether this page could use a passkey of `host` at all: not every browser knows them, and only at the server's own name. */
export const reasonAgainstPasskeys = (host: string | undefined): string | null => {
  if (!window.isSecureContext || typeof PublicKeyCredential === 'undefined') {
    return 'Passkeys need a newer browser, and an address that begins with https.';
  }
  if (!('parseCreationOptionsFromJSON' in PublicKeyCredential)) return 'Passkeys need a newer browser.';
  // A passkey belongs to a name, never to an address in digits (WebAuthn §5.1.3).
  if (/^[\d.]+$|:/.test(window.location.hostname)) return 'Open Estover at its name to use passkeys.';
  if (host !== undefined && window.location.hostname !== host)
    return `Open Estover at ${host} to use passkeys.`;
  return null;
};

/** The person closed the browser's own dialog, or no passkey fits; browsers do not say which, on purpose. */
class PasskeyStopped extends SignInError {
  constructor() {
    super(0, 'PASSKEY_STOPPED', 'No passkey was used');
  }
}

async function askBrowser(work: () => Promise<Credential | null>): Promise<unknown> {
  const credential = await work().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'InvalidStateError') {
      throw new SignInError(0, 'PASSKEY_KNOWN', 'There is a passkey for you on this device');
    }
    throw error instanceof DOMException ? new PasskeyStopped() : error;
  });
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyStopped();
  return credential.toJSON();
}

async function signatureFor(optionsPath: string): Promise<unknown> {
  const options = (await post(optionsPath, {})) as PublicKeyCredentialRequestOptionsJSON;
  return askBrowser(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  );
}

/** Signs in with a passkey that the browser and the person choose. */
export async function signInWithPasskey(): Promise<void> {
  await post('/sign-in/passkey', { passkey: await signatureFor('/sign-in/passkey-options') });
}

/** Proves again who the person is with one of their passkeys. */
export async function proveAgainWithPasskey(): Promise<void> {
  await post('/step-up', { passkey: await signatureFor('/step-up/passkey-options') });
}

/** Has the browser make a passkey and adds it under a name. */
export async function addPasskey(name: string): Promise<z.infer<typeof passkey>> {
  const options = (await post('/passkeys/options', {})) as PublicKeyCredentialCreationOptionsJSON;
  const made = await askBrowser(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  );
  const answer = await post('/passkeys', { name, passkey: made });
  return memberOf(answer, 'passkey') as z.infer<typeof passkey>;
}
