import { type Client, createClient } from '@estover/protocol';

/** Keeps cookies and says where its requests come from, as a browser on the console does. */
export interface TestBrowser {
  /** A typed client that uses the session. */
  client: Client;
  /** A request with no header but those given and the cookies. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A POST of the console's own page. */
  post(path: string, body: unknown): Promise<Response>;
  cookies(): string;
  setCookies(text: string): void;
}

export function createBrowser(address: string): TestBrowser {
  const jar = new Map<string, string>();
  const keep = (pairs: string[]): void => {
    for (const pair of pairs) {
      const [name = '', value = ''] = pair.trim().split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
  };
  const written = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', written());
    const response = await fetch(url, { ...init, headers });
    keep(response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? ''));
    return response;
  };
  const request: TestBrowser['request'] = (method, path, body, headers = {}) =>
    send(`${address}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    client: createClient({
      baseUrl: address,
      fetch: (input, init) =>
        send(String(input), {
          ...init,
          headers: { ...init?.headers, origin: address } as Record<string, string>,
        }),
    }),
    request,
    post: (path, body) => request('POST', path, body, { origin: address }),
    cookies: written,
    setCookies: (text) => {
      jar.clear();
      keep(text.split(';'));
    },
  };
}
