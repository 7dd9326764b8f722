const deepest = 32;

const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON that came in a signed document: invalid UTF-8, duplicate member names and nesting beyond 32 levels are
 * refused. Duplicates are where two readers of one signed text may see different things (RFC 8725 §2.4, RFC 7515 §4).
 *
 * @throws SyntaxError that says what is wrong
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = strictly.decode(bytes);
  } catch {
    throw new SyntaxError('the text is not UTF-8');
  }
  const value: unknown = JSON.parse(text);
  if (!isPlain(text, value)) refuseDuplicates(text);
  return value;
}

/**
 * Whether a text, written anew from its value, is the same text: then no member was lost, so none occurs twice. Most
 * messages are written by JSON.stringify or its like, and this is several times quicker than the walk.
 */
function isPlain(text: string, value: unknown): boolean {
  let opened = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // Brackets within texts count as well, which only sends a few plain texts to the walk.
    if ((unit === 0x7b || unit === 0x5b) && ++opened > deepest) return false;
  }
  return JSON.stringify(value) === text;
}

/** Walks over a text that is known to be JSON, so strings and brackets are all there is to look at. */
function refuseDuplicates(text: string): void {
  const open: { names: Set<string>; isObject: boolean; nameNext: boolean }[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  for (const [found] of text.matchAll(token)) {
    const inner = open.at(-1);
    if (found === '{' || found === '[') {
      if (open.length === deepest) throw new SyntaxError(`nested deeper than ${deepest} levels`);
      open.push({ names: new Set(), isObject: found === '{', nameNext: found === '{' });
    } else if (found === '}' || found === ']') {
      open.pop();
    } else if (found === ',' && inner !== undefined) {
      inner.nameNext = inner.isObject;
    } else if (inner?.nameNext && found.startsWith('"')) {
      const name: string = JSON.parse(found);
      if (inner.names.has(name)) throw new SyntaxError(`the member ${JSON.stringify(name)} occurs twice`);
      inner.names.add(name);
      inner.nameNext = false;
    }
  }
}
