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

async function post(path: string, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  // Read in any case: an answer that is left unread keeps its connection.
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return;
  const member = (name: string): string => {
    const value =
      typeof answer === 'object' && answer !== null && name in answer
        ? (answer as Record<string, unknown>)[name]
        : '';
    return typeof value === 'string' ? value : '';
  };
  throw new SignInError(response.status, member('code'), member('message'));
}

export const signIn = (email: string, password: string): Promise<void> =>
  post('/sign-in/email', { email, password });

export const signOut = (): Promise<void> => post('/sign-out', {});

/** Changes the password and ends the person's other sessions. */
export const changePassword = (currentPassword: string, newPassword: string): Promise<void> =>
  post('/change-password', { currentPassword, newPassword, revokeOtherSessions: true });
