import { CopyButton } from '../../parts/CopyButton.tsx';
import styles from './api-keys.module.css';

const tokenCall = (clientId: string): string =>
  [
    `curl -X POST ${window.location.origin}/oauth/token`,
    `  -u ${clientId}:$CLIENT_SECRET`,
    '  -d grant_type=client_credentials',
  ].join(' \\\n');

/** How a program uses the secret of its client: by itself, or for short-lived tokens. */
export function UseOfSecret({ clientId }: { clientId: string }) {
  const call = tokenCall(clientId);
  return (
    <>
      <p>
        Send it as <code>Authorization: Bearer …</code>, or get tokens for it that last 15 minutes and are
        sent the same way. The client id is <code>{clientId}</code>.
      </p>
      <div className={styles.call}>
        <pre>{call}</pre>
        <CopyButton value={call} label="Copy the call for a token" />
      </div>
      <p>
        The calls are described at <a href="/openapi.json">/openapi.json</a>.
      </p>
    </>
  );
}
