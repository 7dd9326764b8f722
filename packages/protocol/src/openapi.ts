import { z } from 'zod';
import type { Operation } from './operation.ts';
import { type ProblemCode, problems } from './problems.ts';

type Json = Record<string, unknown>;

/** Refusals that any operation may answer. */
export const commonRefusals = {
  all: ['invalid-request', 'internal-error', 'not-ready', 'too-many-requests', 'not-found'],
  /** A key that is sent and is no good is refused, also where none is needed. */
  withKey: ['sign-in-failed'],
  signedIn: ['sign-in-required', 'not-allowed'],
  /** An account that is suspended, closed or merged is only read. */
  changingAccounts: ['account-not-active', 'account-merged'],
  /** Changes, by somebody who looks at an account through another one's eyes. */
  changingSignedIn: ['viewing-as'],
  /** What shows or concerns more than lots, to somebody who is limited to those of a seller. */
  beyondLots: ['limited-to-lots'],
  platform: ['second-factor-needed'],
  changing: [
    'malformed-body',
    'body-too-large',
    'unsupported-media-type',
    'idempotency-key-reused',
    'cross-origin',
  ],
} as const satisfies Record<string, readonly ProblemCode[]>;

/** All problem codes an operation may answer. */
export function refusalsOf(operation: Operation): ProblemCode[] {
  return [
    ...new Set<ProblemCode>([
      ...operation.refusals,
      ...commonRefusals.all,
      ...commonRefusals.withKey,
      ...(operation.permission.at === 'public' ? [] : commonRefusals.signedIn),
      ...(operation.permission.at === 'platform' ? commonRefusals.platform : []),
      ...(operation.method === 'GET' ? [] : commonRefusals.changing),
      ...(operation.method !== 'GET' && operation.path.includes('{accountId}')
        ? commonRefusals.changingAccounts
        : []),
      ...(operation.method === 'GET' || operation.permission.at === 'public' || operation.endsView
        ? []
        : commonRefusals.changingSignedIn),
      ...(operation.permission.at === 'account' && !operation.cutsToLots ? commonRefusals.beyondLots : []),
    ]),
  ];
}

/** The JSON Schema of a shape, as the OpenAPI document and the help of commands show it. */
export const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: target }) => {
      // The patterns and bounds of the library's own formats say nothing that the format's name does not.
      if (
        target.format === 'uuid' ||
        target.format === 'date-time' ||
        target.format === 'date' ||
        target.format === 'email'
      ) {
        delete target.pattern;
      }
      if (target.minimum === Number.MIN_SAFE_INTEGER) delete target.minimum;
      if (target.maximum === Number.MAX_SAFE_INTEGER) delete target.maximum;
    },
  }) as Json;
  return rest;
};

const parametersOf = (operation: Operation): Json[] => {
  const of = (schema: z.ZodType, place: 'path' | 'query'): Json[] => {
    const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, schemaOfOne]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: schemaOfOne,
    }));
  };
  const parameters = [...of(operation.params, 'path'), ...of(operation.query, 'query')];
  if (operation.dryRun) {
    parameters.push({
      name: 'dryRun',
      in: 'query',
      required: false,
      description: 'Run everything and keep nothing.',
      schema: { type: 'string', enum: ['true', 'false'] },
    });
  }
  if (operation.method !== 'GET') {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Your own id of this request; the same key again gets the same answer for 30 days.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    });
  }
  return parameters;
};

const reportMedia = [
  'application/json',
  'text/csv',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
];

const responsesOf = (operation: Operation): Json => {
  const media = operation.fileAnswer
    ? Object.fromEntries(
        (operation.fileMedia ?? reportMedia).map((type) => [
          type,
          { schema: type === 'application/json' ? {} : { type: 'string' } },
        ]),
      )
    : { 'application/json': { schema: jsonSchema(operation.answer, 'output') } };
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of refusalsOf(operation)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return {
    [operation.status]: { description: 'Success', content: media },
    ...Object.fromEntries(
      [...byStatus]
        .sort(([a], [b]) => a - b)
        .map(([status, codes]) => [
          status,
          {
            description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
    ),
  };
};

const permissionSentence = ({ permission }: Operation): string => {
  switch (permission.at) {
    case 'public':
      return 'Open to everybody.';
    case 'signed-in':
      return 'For everybody who is signed in.';
    case 'platform':
      return `For the platform's staff with \`${permission.action}\`.`;
    case 'account':
      return `Needs \`${permission.action}\` in the account.`;
  }
};

/** The OpenAPI 3.1 document of the operations: made from the definitions alone, stable from run to run. */
export function openApiDocument(operations: Iterable<Operation>, version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    const path = paths[operation.path] as Json;
    const hasBody = operation.body.type !== 'undefined';
    path[operation.method.toLowerCase()] = {
      operationId: operation.name,
      tags: [operation.capability],
      summary: operation.summary,
      description: permissionSentence(operation),
      parameters: parametersOf(operation),
      ...(hasBody
        ? {
            requestBody: {
              required: true,
              content: Object.fromEntries(
                (operation.bodyMedia ?? ['application/json']).map((media) => [
                  media,
                  { schema: operation.bodyMedia ? { type: 'string' } : jsonSchema(operation.body, 'input') },
                ]),
              ),
            },
          }
        : {}),
      responses: responsesOf(operation),
      ...(operation.permission.at === 'public' ? { security: [] } : {}),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Estover',
      version,
      description: 'Licenses delivered, pooled, used, counted and seen.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { session: [] }],
    tags: [...new Set([...operations].map((o) => o.capability))].sort().map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b, 'en'))),
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'estover.session_token',
          description: 'A session of the console',
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          description: 'RFC 9457 problem details',
          required: ['type', 'code', 'title', 'status', 'detail', 'next'],
          properties: {
            type: { type: 'string' },
            code: { type: 'string', enum: Object.keys(problems).sort() },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            next: { type: 'string', description: 'What to do' },
            requestId: { type: 'string' },
            errors: {
              type: 'array',
              items: {
                type: 'object',
                required: ['pointer', 'detail'],
                properties: {
                  pointer: { type: 'string' },
                  detail: { type: 'string' },
                  code: { type: 'string' },
                },
              },
            },
          },
        },
      },
    },
  };
}
