import { type Client, createClient } from '@estover/protocol';

/** Signs a person in with a password and answers a client that acts in the session, as a browser does. */
export async function signIn(baseUrl: string, email: string, password: string): Promise<Client> {
  const origin = new URL(baseUrl).origin;
  const response = await fetch(`${baseUrl}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password }),
  });
  if (!response.ok)
    throw new Error(`${email} could not sign in: ${response.status} ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return createClient({
    baseUrl,
    fetch: (address, options) => {
      const headers = new Headers(options?.headers);
      headers.set('cookie', cookie);
      headers.set('origin', origin);
      return fetch(address, { ...options, headers });
    },
  });
}
