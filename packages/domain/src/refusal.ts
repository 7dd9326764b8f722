/**
 * The shape every decision of the domain answers with: either an accepted value, or one refusal that has a
 * name (`code`) and the numbers a person needs to do something about it. Refusals are data, never exceptions;
 * an exception means that the caller broke a contract (for example facts that contradict each other).
 */
export type Refusal<Code extends string, Facts extends object = object> = {
  readonly ok: false;
  readonly code: Code;
} & Readonly<Facts>;

export type Accepted<Value> = { readonly ok: true; readonly value: Value };

export type Decision<Value, Refused extends Refusal<string>> = Accepted<Value> | Refused;

export function accept<Value>(value: Value): Accepted<Value> {
  return { ok: true, value };
}

export function refuse<const Code extends string, Facts extends object>(
  code: Code,
  facts: Facts,
): Refusal<Code, Facts> {
  return { ok: false, code, ...facts };
}
