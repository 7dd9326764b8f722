import { problemErrorOf } from '@estover/protocol';

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
  const member = (name: string): string => {
    const value =
      typeof answer === 'object' && answer !== null && name in answer
        ? (answer as Record<string, unknown>)[name]
        : '';
    return typeof value === 'string' ? value : '';
  };
  throw new SignInError(response.status, member('code'), member('message'));
}

export const signIn = (email: string, password: string): Promise<unknown> =>
  post('/sign-in/email', { email, password });

export const signOut = (): Promise<unknown> => post('/sign-out', {});

/** Asks for a link for a new password by mail; says the same whether there is such a person or not. */
export const requestPasswordReset = (email: string): Promise<unknown> =>
  post('/request-password-reset', { email });

/** Chooses a new password with the link from the mail, and ends all sessions. Answers the person's mail address. */
export async function resetPassword(token: string, password: string): Promise<string> {
  const answer = await post('/reset-password', { token, password });
  return typeof answer === 'object' && answer !== null && 'email' in answer ? String(answer.email) : '';
}

/** Changes the password and ends the person's other sessions. */
export const changePassword = (currentPassword: string, newPassword: string): Promise<unknown> =>
  post('/change-password', { currentPassword, newPassword, revokeOtherSessions: true });
