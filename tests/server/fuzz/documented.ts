import { type Operation, openApiDocument, operations } from '@estover/protocol';
import { z } from 'zod';
import type { Schema } from './values.ts';

/** An operation as a stranger knows it: from the OpenAPI document alone. */
export interface DocumentedOperation {
  operation: Operation;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  body: { media: string[]; schema: Schema } | null;
  /** By status: each media type of the answer with what is wrong with a body of it. */
  answers: Map<string, Map<string, BodyCheck>>;
}

/** What is wrong with a value; null when it is as declared. */
type BodyCheck = (value: unknown) => string | null;

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters: DocumentedOperation['parameters'];
        requestBody?: { content: Record<string, { schema: Schema }> };
        responses: Record<string, { content: Record<string, { schema: Schema & { $ref?: string } }> }>;
      }
    >
  >;
  components: { schemas: Record<string, Schema> };
}

export function readDocument(): DocumentedOperation[] {
  const { paths, components } = openApiDocument(operations.values(), '0') as unknown as Document;
  const problem = checkOf(components.schemas.Problem ?? {});
  return [...operations.values()].map((operation) => {
    const found = paths[operation.path]?.[operation.method.toLowerCase()];
    if (found === undefined) throw new Error(`${operation.name} is not in the document`);
    const content = Object.entries(found.requestBody?.content ?? {});
    const answers = Object.entries(found.responses).map(
      ([status, response]): [string, Map<string, BodyCheck>] => {
        const checks = Object.entries(response.content).map(([media, { schema }]): [string, BodyCheck] => [
          media,
          schema.$ref === '#/components/schemas/Problem' ? problem : checkOf(schema),
        ]);
        return [status, new Map(checks)];
      },
    );
    return {
      operation,
      parameters: found.parameters.filter((parameter) => parameter.in !== 'header'),
      body:
        content.length === 0
          ? null
          : { media: content.map(([media]) => media), schema: content[0]?.[1].schema ?? {} },
      answers: new Map(answers),
    };
  });
}

/** A schema of the document as a check. Its patterns are of Unicode (JSON Schema 2020-12 §6.4), which the library's are not. */
export function checkOf(schema: Schema): BodyCheck {
  const readable = JSON.parse(
    JSON.stringify(schema).replaceAll('\\\\p{Cc}', '\\\\u0000-\\\\u001f\\\\u007f-\\\\u009f'),
  );
  const checked = z.fromJSONSchema(readable);
  return (value) => {
    const read = checked.safeParse(value);
    if (read.success) return null;
    const [issue] = read.error.issues;
    return `${issue?.path.join('/')}: ${issue?.message}`;
  };
}
