/** Kinds of errors that RFC 7644 §3.12 gives names, as far as they are used here. */
export type ScimType =
  | 'invalidFilter'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'invalidValue';

export const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A refusal in the words of SCIM; its message says what is wrong and what to do. */
export class ScimError extends Error {
  override name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;

  constructor(status: number, detail: string, scimType?: ScimType) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }

  /** The body of the answer (RFC 7644 §3.12): the status is text there. */
  body(): Record<string, unknown> {
    return {
      schemas: [errorSchema],
      status: String(this.status),
      ...(this.scimType === undefined ? {} : { scimType: this.scimType }),
      detail: this.message,
    };
  }
}

export const invalidValue = (detail: string): ScimError => new ScimError(400, detail, 'invalidValue');
export const invalidPath = (detail: string): ScimError => new ScimError(400, detail, 'invalidPath');
