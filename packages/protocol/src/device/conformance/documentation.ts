import { deviceRefusalCodes, refusalRule } from '../refusals.ts';
import { readVectors } from './vectors.ts';

export const protocolDocument = new URL('../../../../../docs/protocol.md', import.meta.url);

/** The protocol document with its examples and its table of refusals written anew from vectors and code. */
export function renderDocumentation(markdown: string): string {
  const documents = new Map<string, string>();
  for (const { name, document } of readVectors('requests')) documents.set(`requests/${name}`, document);
  for (const { name, document } of readVectors('answers')) documents.set(`answers/${name}`, document);
  return markdown
    .replace(/(<!-- example: (\S+) -->\n)[\s\S]*?(<!-- \/example -->)/g, (_, begin, name, end) => {
      const document = documents.get(name);
      if (document === undefined) throw new Error(`there is no vector ${name}`);
      return `${begin}${renderExample(document)}${end}`;
    })
    .replace(
      /(<!-- table: refusals -->\n)[\s\S]*?(<!-- \/table -->)/,
      (_, begin, end) => `${begin}${refusals()}${end}`,
    );
}

/** Header and payload as text, then the document itself, folded. */
function renderExample(document: string): string {
  const [header = '', payload = ''] = document.split('.');
  const text = (part: string) => Buffer.from(part, 'base64url').toString();
  const folded = document.match(/.{1,118}/g)?.join('\n') ?? '';
  return `\nHeader, payload, document:\n\n${fence(text(header))}\n${fence(text(payload))}\n${fence(folded)}\n`;
}

function fence(text: string): string {
  return `\`\`\`\n${text}\n\`\`\`\n`;
}

function refusals(): string {
  const rows = deviceRefusalCodes.map((code) => {
    const { status, title, next, after, proven, provenAfterRestore, members } = refusalRule(code);
    const proof = proven ? 'yes' : provenAfterRestore === true ? 'after a restore' : '';
    return `| \`${code}\` | ${status} | ${title}. ${next} | ${after} | ${proof} | ${members ?? ''} |`;
  });
  return [
    '',
    '| code | status | what it says | then | proof, never when registering | members |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    '',
  ].join('\n');
}
