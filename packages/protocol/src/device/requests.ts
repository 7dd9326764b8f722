import { z } from 'zod';
import {
  derField,
  epochField,
  idField,
  instantField,
  printable,
  sequenceField,
  usageField,
} from './fields.ts';
import type { DeviceMessageKind } from './kinds.ts';

/** What every request carries. Made and stored by the instance before it sends. */
const common = {
  messageId: idField,
  sequence: sequenceField,
  /** The instance's clock. */
  sentAt: instantField,
};

/** What every request of a registered instance carries beside: the epoch of the last answer, if one was told. */
const signed = { ...common, epoch: epochField.optional() };

const hostName = printable(253);
const softwareVersion = printable(64);

/** Who an instance is, as its maker numbered it. The host name may be withheld (privacy). */
export const instanceIdentitySchema = z.strictObject({
  productId: printable(64),
  serialNumber: printable(64),
  versionId: printable(32).optional(),
  uuid: idField.optional(),
  hostName: hostName.optional(),
  softwareTag: printable(255).optional(),
  softwareVersion: softwareVersion.optional(),
});
export type InstanceIdentity = z.output<typeof instanceIdentitySchema>;

export const registerRequestSchema = z.strictObject({
  ...common,
  token: printable(200),
  force: z.boolean().optional(),
  certificateRequest: derField,
  instance: instanceIdentitySchema,
  usage: usageField.optional(),
});
export type RegisterRequest = z.output<typeof registerRequestSchema>;

export const authorizeRequestSchema = z.strictObject({
  ...signed,
  instance: z
    .strictObject({ hostName: hostName.optional(), softwareVersion: softwareVersion.optional() })
    .optional(),
  usage: usageField,
});
export type AuthorizeRequest = z.output<typeof authorizeRequestSchema>;

export const renewCertificateRequestSchema = z.strictObject({ ...signed, certificateRequest: derField });
export type RenewCertificateRequest = z.output<typeof renewCertificateRequestSchema>;

export const deregisterRequestSchema = z.strictObject({ ...signed });
export type DeregisterRequest = z.output<typeof deregisterRequestSchema>;

/** The payload of each kind of message. */
export interface DeviceRequests {
  register: RegisterRequest;
  authorize: AuthorizeRequest;
  'renew-certificate': RenewCertificateRequest;
  deregister: DeregisterRequest;
}
export type DeviceRequest<Kind extends DeviceMessageKind> = DeviceRequests[Kind];

/** Payload schemas by kind. Strict: an unknown member is refused, so that a misspelt one is never ignored. */
export const requestSchemas: { readonly [Kind in DeviceMessageKind]: z.ZodType<DeviceRequests[Kind]> } = {
  register: registerRequestSchema,
  authorize: authorizeRequestSchema,
  'renew-certificate': renewCertificateRequestSchema,
  deregister: deregisterRequestSchema,
};
