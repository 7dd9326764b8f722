import type { CallInput, Operation } from '@estover/protocol';
import { client } from '../api.ts';
import styles from './ApiCall.module.css';
import { CopyButton } from './CopyButton.tsx';

/** Quotes a text for a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same call for a terminal; the API key comes from the environment, never from the screen. */
export function curlOf<O extends Operation>(operation: O, input: CallInput<O>, origin: string): string {
  const given: CallInput<Operation> = input;
  const address = origin + client.url<Operation>(operation, given);
  const lines = [
    `curl -X ${operation.method} ${quote(address)}`,
    `  -H "Authorization: Bearer $ESTOVER_API_KEY"`,
    ...(operation.method === 'GET' ? [] : [`  -H "Idempotency-Key: $(uuidgen)"`]),
    ...(given.body === undefined
      ? []
      : [
          `  -H 'Content-Type: ${operation.bodyMedia?.[0] ?? 'application/json'}'`,
          operation.bodyMedia === undefined
            ? `  -d ${quote(JSON.stringify(given.body))}`
            : `  --data-binary ${quote(String(given.body))}`,
        ]),
  ];
  return lines.join(' \\\n');
}

/** A fold with the API call that does the same as the dialog it stands in. */
export function ApiCall<O extends Operation>({ operation, input }: { operation: O; input: CallInput<O> }) {
  const curl = curlOf(operation, input, window.location.origin);
  return (
    <details className={styles.fold}>
      <summary>The same by API</summary>
      <div className={styles.box}>
        <pre>{curl}</pre>
        <span className={styles.copy}>
          <CopyButton value={curl} label="Copy the call" />
        </span>
      </div>
    </details>
  );
}
