import { answeredAuthorizationStates, answeredLicenseStates } from '@estover/domain/product-instances';
import { z } from 'zod';
import { countField, derField, epochField, idField, instantField, tagField } from './fields.ts';
import type { DeviceMessageKind } from './kinds.ts';

/** What every answer carries. Readers ignore members they do not know, so that a newer server may say more. */
const common = {
  messageId: idField,
  accountId: idField,
  instanceId: idField,
  /** The server's clock. */
  answeredAt: instantField,
  /** The highest sequence number the server has seen of this instance; the next message must be above it. */
  lastSequence: z.int().min(0),
  /** True when the server had answered this message before and says the same again. */
  replayed: z.boolean().optional(),
  /** The installation's epoch. An instance that knows a lower one learns that the server was restored from a backup. */
  epoch: epochField.optional(),
};

export const authorizationSchema = z.object({
  state: z.enum(answeredAuthorizationStates),
  licenses: z.array(
    z.object({
      tag: tagField,
      count: countField,
      state: z.enum(answeredLicenseStates),
      /** The license's name in the catalog; absent for an unknown tag. */
      name: z.string().optional(),
    }),
  ),
  /** Seconds after which the instance reports again, by its own clock. */
  nextContactSeconds: z.int().min(1),
  /** Without contact until then the authorization expires; the server's clock. */
  deadlineAt: instantField,
});
export type Authorization = z.output<typeof authorizationSchema>;

const certificate = {
  /** The identity certificate, DER in base64. */
  certificate: derField,
  /** Issuers from the certificate's own upwards, each DER in base64. */
  chain: z.array(derField).min(1).max(5),
  certificateExpiresAt: instantField,
  /** From then on the instance renews (six months). */
  renewAfter: instantField,
};

export const registerAnswerSchema = z.object({
  ...common,
  ...certificate,
  accountName: z.string(),
  virtualAccountName: z.string(),
  exportControlledAllowed: z.boolean(),
  authorization: authorizationSchema,
});
export type RegisterAnswer = z.output<typeof registerAnswerSchema>;

export const authorizeAnswerSchema = z.object({ ...common, authorization: authorizationSchema });
export type AuthorizeAnswer = z.output<typeof authorizeAnswerSchema>;

export const renewCertificateAnswerSchema = z.object({ ...common, ...certificate });
export type RenewCertificateAnswer = z.output<typeof renewCertificateAnswerSchema>;

export const deregisterAnswerSchema = z.object({ ...common, receipt: z.string().min(1) });
export type DeregisterAnswer = z.output<typeof deregisterAnswerSchema>;

/** The answer to each kind of message. */
export interface DeviceAnswers {
  register: RegisterAnswer;
  authorize: AuthorizeAnswer;
  'renew-certificate': RenewCertificateAnswer;
  deregister: DeregisterAnswer;
}
export type DeviceAnswer<Kind extends DeviceMessageKind> = DeviceAnswers[Kind];

export const answerSchemas: { readonly [Kind in DeviceMessageKind]: z.ZodType<DeviceAnswers[Kind]> } = {
  register: registerAnswerSchema,
  authorize: authorizeAnswerSchema,
  'renew-certificate': renewCertificateAnswerSchema,
  deregister: deregisterAnswerSchema,
};
