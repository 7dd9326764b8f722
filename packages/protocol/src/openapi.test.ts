import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openApiDocument, refusalsOf } from './openapi.ts';
import { operations } from './operations.ts';
import { problems } from './problems.ts';

const checkedIn = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as {
  info: { version: string };
  paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>;
};

it('is the document that is checked in (npm run openapi writes it)', () => {
  expect(openApiDocument(operations.values(), checkedIn.info.version)).toEqual(checkedIn);
});

it('names every parameter of every path', () => {
  for (const [path, methods] of Object.entries(checkedIn.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    for (const operation of Object.values(methods)) {
      const given = operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(given.toSorted(), operation.operationId).toEqual(named.toSorted());
    }
  }
});

it('uses every problem, and every operation only problems there are', () => {
  const used = new Set([...operations.values()].flatMap(refusalsOf));
  // Answered by the server's edge before any operation is found.
  const ofTheEdge = ['method-not-allowed', 'hold-ended'];
  // Answered by sign-in, below /auth.
  const ofSignIn = [
    'sign-in-ended',
    'password-wrong',
    'code-wrong',
    'totp-state',
    'passkey-refused',
    'single-sign-on-required',
    'other-browser',
  ];
  expect(
    Object.keys(problems).filter(
      (code) => !used.has(code as keyof typeof problems) && ![...ofTheEdge, ...ofSignIn].includes(code),
    ),
  ).toEqual([]);
});
