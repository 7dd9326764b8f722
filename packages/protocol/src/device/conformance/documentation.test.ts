import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { protocolDocument, renderDocumentation } from './documentation.ts';
import { readVectors } from './vectors.ts';

const written = readFileSync(protocolDocument, 'utf8');

it('shows real bytes of the vectors and every refusal as the code has it', () => {
  expect(written).toBe(renderDocumentation(written));
  expect(written.match(/<!-- example: /g)?.length).toBe(4);
});

it('shows a token that is one of the vectors', () => {
  const token = readVectors('secrets').find(({ name }) => name === 'token');
  expect(written).toContain(token?.text ?? 'missing');
  expect(written).toContain(token?.expect.ok ? token.expect.randomHex : 'missing');
});
