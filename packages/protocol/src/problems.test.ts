import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problems } from './problems.ts';

test('every code of every problems.ts is joined, and none is there twice', () => {
  // A spread would let a later entry silently take the place of one with the same code.
  const written = globSync(['problems.ts', '*/problems.ts'], { cwd: import.meta.dirname })
    .map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8'))
    .flatMap((text) => [...text.matchAll(/^ {2}'([a-z-]+)': \{/gm)].map((match) => match[1]));
  expect(written.sort()).toEqual(Object.keys(problems).sort());
});
