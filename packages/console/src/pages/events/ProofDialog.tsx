import {
  downloadEventChain,
  downloadPlatformEventChain,
  getEventHead,
  getPlatformEventHead,
} from '@estover/protocol';
import { Button, Modal } from '@mantine/core';
import { client, useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { Moment } from '../../parts/figures.tsx';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import styles from './ProofDialog.module.css';

/** How somebody proves, away from this server, that no event was changed: the head to keep, and the whole chain. */
export function ProofDialog({
  accountId,
  onClose,
}: {
  /** Whose chain; null for that of the platform. */
  accountId: string | null;
  onClose: () => void;
}) {
  useFocusReturn();
  const params = { accountId: accountId ?? '' };
  const ofAccount = useOperation(getEventHead, { params }, { enabled: accountId !== null });
  const ofPlatform = useOperation(getPlatformEventHead, {}, { enabled: accountId === null });
  const { data, error } = accountId === null ? ofPlatform : ofAccount;
  const head = data?.head ?? null;
  return (
    <Modal opened onClose={onClose} title="Prove that nothing was changed" size="lg">
      <div className={dialogs.body}>
        <p>
          Events are chained by their hashes. Keep the head of the chain outside of this system: with it, and
          with the chain as a file, anybody can check later that no event up to it was changed, removed or
          slipped in.
        </p>
        <ProblemNotice error={error} />
        {data !== undefined && head === null && (
          <p>Nothing is sealed yet; that takes a minute. {count(data.unsealed, 'event')} wait.</p>
        )}
        {head !== null && (
          <>
            <div>
              <div className={styles.label}>
                Head, sealed <Moment at={head.sealedAt} />
              </div>
              <div className={dialogs.secret}>
                <code>{`${head.batchNumber}:${head.hash}`}</code>
                <CopyButton value={`${head.batchNumber}:${head.hash}`} label="Copy head" words />
              </div>
            </div>
            <div>
              <div className={styles.label}>Check the downloaded file, without this server</div>
              <div className={dialogs.secret}>
                <code>{`npx estover audit verify FILE --trust ${window.location.origin}`}</code>
                <CopyButton
                  value={`npx estover audit verify FILE --trust ${window.location.origin}`}
                  label="Copy command"
                  words
                />
              </div>
            </div>
          </>
        )}
        <div className={dialogs.actions}>
          <Button onClick={onClose}>Close</Button>
          <Button
            component="a"
            variant="filled"
            className={styles.download ?? ''}
            href={
              accountId === null
                ? client.url(downloadPlatformEventChain, {})
                : client.url(downloadEventChain, { params })
            }
            download
          >
            Download the chain
          </Button>
        </div>
      </div>
    </Modal>
  );
}
