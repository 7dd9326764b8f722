import { writeFile } from 'node:fs/promises';
import { openApiDocument, operations } from '@estover/protocol';
import rootPackage from '../package.json' with { type: 'json' };

/* Writes the OpenAPI document that is checked in, so that a change of the API shows in review. */
const document = openApiDocument(operations.values(), rootPackage.version);
await writeFile(
  new URL('../packages/protocol/openapi.json', import.meta.url),
  `${JSON.stringify(document, null, 2)}\n`,
);
