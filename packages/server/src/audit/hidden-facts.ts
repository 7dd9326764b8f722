/** Stands for a sentence of which is not known where it names virtual accounts that the reader may not know of. */
export const hiddenSentence = 'did something here that is told with names you may not see';

/**
 * What changed, without the names of what a virtual account is nested in. What kinds of events keep differs, so this goes by
 * what a path looks like: a list under a key that says so, or a text with its stroke. Of each the end stays.
 */
export function withoutPaths(facts: unknown, key = ''): unknown {
  if (typeof facts === 'string') return facts.replace(/^.* \/ /s, '… / ');
  if (Array.isArray(facts)) {
    const isPath = /paths?$/i.test(key) && facts.every((name) => typeof name === 'string');
    if (!isPath) return facts.map((each) => withoutPaths(each, key));
    return facts.length < 2 ? facts : ['…', facts.at(-1)];
  }
  if (facts === null || typeof facts !== 'object') return facts;
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, withoutPaths(value, name)]));
}
