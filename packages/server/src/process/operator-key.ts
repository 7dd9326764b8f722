import { newApiKeySecret } from '../access/api-keys-store.ts';

/** A new API key for an operator, in the form that `ESTOVER_OPERATOR_KEY` takes. */
export const newOperatorKey = (): string => newApiKeySecret(null);
