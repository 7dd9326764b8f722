import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deviceMessageKinds } from '../kinds.ts';
import { type Trust, trustSchema } from '../trust.ts';

/** Where the vectors are, seen from this file. */
export const vectorFolder = new URL('../../../../../conformance/', import.meta.url);

const kind = z.enum(
  deviceMessageKinds as [(typeof deviceMessageKinds)[number], ...typeof deviceMessageKinds],
);
const refused = z.strictObject({ ok: z.literal(false), code: z.string() });
const payload = z.record(z.string(), z.unknown());

const described = { name: z.string(), why: z.string() };

/** A request as it arrives at a server. */
export const requestVectorSchema = z.strictObject({
  ...described,
  kind,
  document: z.string(),
  /** SPKI in PEM of the key that the certificate named in `kid` carries; null when registering. */
  publicKey: z.string().nullable(),
  expect: z.discriminatedUnion('ok', [z.strictObject({ ok: z.literal(true), payload }), refused]),
});
export type RequestVector = z.output<typeof requestVectorSchema>;

/** An answer or a refusal's proof as it arrives at an instance. */
export const answerVectorSchema = z.strictObject({
  ...described,
  kind: z.enum([...deviceMessageKinds, 'refusal']),
  document: z.string(),
  /** The message the instance waits for, who it is and what it signed with (null when it registers), and its clock. */
  messageId: z.string(),
  instance: z
    .strictObject({ accountId: z.string(), instanceId: z.string(), certificateSerial: z.string() })
    .nullable(),
  at: z.iso.datetime(),
  expect: z.discriminatedUnion('ok', [z.strictObject({ ok: z.literal(true), payload }), refused]),
});
export type AnswerVector = z.output<typeof answerVectorSchema>;

export const secretVectorSchema = z.strictObject({
  ...described,
  text: z.string(),
  expected: z.enum(['esrt_', 'esak_', 'essu_', 'esin_', 'espr_', 'esar_', 'esaa_', 'esoc_', 'esmp_']),
  expect: z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), accountId: z.string(), randomHex: z.string() }),
    refused,
  ]),
});
export type SecretVector = z.output<typeof secretVectorSchema>;

/** Two payloads with one message id: the field that differs, or null for a repeat. */
export const repeatVectorSchema = z.strictObject({
  ...described,
  first: z.string(),
  second: z.string(),
  differs: z.string().nullable(),
});
export type RepeatVector = z.output<typeof repeatVectorSchema>;

/** An identity certificate as it comes in the answer to an instance that asked for one. */
export const certificateVectorSchema = z.strictObject({
  ...described,
  certificate: z.base64(),
  /** The key that the instance asked for, SPKI in PEM, and the ids that the answer names. */
  publicKey: z.string(),
  accountId: z.string(),
  instanceId: z.string(),
  expect: z.strictObject({
    /** By an authority of the trust. */
    issued: z.boolean(),
    /** For the key and the ids. */
    own: z.boolean(),
    serial: z.string(),
    notAfter: z.iso.datetime(),
  }),
});
export type CertificateVector = z.output<typeof certificateVectorSchema>;

/** The files and what is in them. */
export interface VectorFiles {
  requests: RequestVector[];
  answers: AnswerVector[];
  'answers-signed-together': AnswerVector[];
  secrets: SecretVector[];
  repeats: RepeatVector[];
  certificates: CertificateVector[];
  trust: Trust;
}

const schemas: { readonly [Name in keyof VectorFiles]: z.ZodType<VectorFiles[Name]> } = {
  requests: z.array(requestVectorSchema),
  answers: z.array(answerVectorSchema),
  'answers-signed-together': z.array(answerVectorSchema),
  secrets: z.array(secretVectorSchema),
  repeats: z.array(repeatVectorSchema),
  certificates: z.array(certificateVectorSchema),
  trust: trustSchema,
};

/** Reads a checked-in file of vectors; a file that has another shape is an error. */
export function readVectors<Name extends keyof VectorFiles>(name: Name): VectorFiles[Name] {
  return schemas[name].parse(JSON.parse(readFileSync(new URL(`${name}.json`, vectorFolder), 'utf8')));
}
