import type { AccountAction, PlatformAction } from '@estover/domain/access';
import { z } from 'zod';
import type { ProblemCode } from './problems.ts';

const noParams = z.object({});
const noQuery = z.strictObject({});
const noBody = z.undefined();

/**
 * Who may call an operation. `account` and `virtual-account` actions are those of the domain's policy table: the
 * first must be allowed somewhere in the account of the path, and the command's look-ups name the action again for
 * the virtual accounts they touch.
 */
export type Permission =
  | { at: 'public' }
  | { at: 'signed-in' }
  | { at: 'platform'; action: PlatformAction }
  | { at: 'account'; action: AccountAction };

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Everything that is agreed about one operation; server, client, OpenAPI and tests all read it from here. */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** camelCase verb and noun; the OpenAPI operationId, the audit trail's operation and the file's name. */
  name: string;
  capability: string;
  summary: string;
  method: Method;
  /** Path below the server's root, with `{name}` for parameters. */
  path: string;
  permission: Permission;
  params: Params;
  query: Query;
  body: Body;
  answer: Answer;
  /** HTTP status of success. */
  status: 200 | 201;
  /** Refusals by rule this operation may answer, beside those every operation may. */
  refusals: readonly ProblemCode[];
  /** `?dryRun=true` runs everything and keeps nothing. */
  dryRun: boolean;
  /** The answer holds a secret that is shown once: its stored copy for retries is encrypted. */
  secretAnswer: boolean;
  /** Done again for a repeated request instead of answered from what was kept of the first. */
  repeats: boolean;
  /** The body is not JSON but this media type. */
  bodyMedia?: readonly string[];
  /** The answer is a file, streamed; `answer` then only documents it. */
  fileAnswer: boolean;
  /** Shows whoever is limited to a seller's lots these lots alone; any other operation of an account refuses them. */
  cutsToLots: boolean;
  /** Ends the look through somebody else's eyes, during which every other command is refused. */
  endsView: boolean;
  /** The media types of the file; those of reports if not given. */
  fileMedia?: readonly string[];
}

type Defaulted =
  | 'params'
  | 'query'
  | 'body'
  | 'status'
  | 'refusals'
  | 'dryRun'
  | 'secretAnswer'
  | 'repeats'
  | 'fileAnswer'
  | 'cutsToLots'
  | 'endsView';

/** Inputs as the server's commands see them, after validation. */
export type ParamsOf<O extends Operation> = z.output<O['params']>;
export type QueryOf<O extends Operation> = z.output<O['query']>;
export type BodyOf<O extends Operation> = z.output<O['body']>;
export type AnswerOf<O extends Operation> = z.output<O['answer']>;

type Given = Omit<Operation, Defaulted> & Partial<Pick<Operation, Defaulted>>;

type Complete<D extends Given> = Operation<
  D['params'] extends z.ZodType ? D['params'] : z.ZodObject<Record<never, never>>,
  D['query'] extends z.ZodType ? D['query'] : z.ZodObject<Record<never, never>>,
  D['body'] extends z.ZodType ? D['body'] : z.ZodUndefined,
  D['answer']
>;

/** Completes an operation's definition with the defaults. */
export function defineOperation<const D extends Given>(definition: D): Complete<D> {
  const complete: Omit<Operation, 'params' | 'query' | 'body'> & Partial<Operation> = {
    status: definition.method === 'POST' ? 201 : 200,
    refusals: [],
    dryRun: false,
    secretAnswer: false,
    repeats: false,
    fileAnswer: false,
    cutsToLots: false,
    endsView: false,
    ...definition,
  };
  return {
    ...complete,
    params: definition.params ?? noParams,
    query: definition.query ?? noQuery,
    body: definition.body ?? noBody,
  } as Complete<D>;
}
