/** A browser that follows links from site to site and keeps each site's cookies. */
export interface Walker {
  /** Opens an address and follows where it leads, until a page is reached. Answers the way, and the page's address. */
  open(url: string): Promise<URL>;
  /** One request, no redirect followed. */
  step(url: string, init?: RequestInit): Promise<Response>;
  post(url: string, body: unknown): Promise<Response>;
  /** Every address of the last `open`, in order. */
  way: URL[];
  /** The cookies of a site, as a header. */
  cookiesOf(url: string): string;
}

/** @param home the address whose pages are the console's, where a way ends */
export function createWalker(home: string): Walker {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const cookiesOf = (url: string) => [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  const step: Walker['step'] = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    const cookie = cookiesOf(url);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
      if (value === '') jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
    return response;
  };
  const walker: Walker = {
    way: [],
    step,
    cookiesOf,
    post: (url, body) =>
      step(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: home },
        body: JSON.stringify(body),
      }),
    async open(url) {
      walker.way = [];
      let next = url;
      for (let steps = 0; steps < 12; steps++) {
        const at = new URL(next);
        walker.way.push(at);
        if (at.origin === new URL(home).origin && !at.pathname.startsWith('/auth/')) return at;
        const response = await step(next);
        const location = response.headers.get('location');
        if (location === null)
          throw new Error(`${next} leads nowhere: ${response.status} ${await response.text()}`);
        next = new URL(location, next).href;
      }
      throw new Error('the way has no end');
    },
  };
  return walker;
}
