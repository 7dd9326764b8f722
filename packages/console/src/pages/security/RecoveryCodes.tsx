import { Button, Modal } from '@mantine/core';
import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { useFocusReturn } from '../../parts/focus-return.ts';
import styles from './security.module.css';

/** Shows recovery codes the one time they can be seen. Closes only by its button. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  useFocusReturn();
  return (
    <Modal
      opened
      onClose={onClose}
      title="Your recovery codes"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={dialogs.body}>
        <div className={dialogs.warning}>
          <b>These codes are shown once.</b> Print them, or keep them where you find them without your phone.
        </div>
        <ul className={styles.codes} aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <p>Each signs you in once in place of a code of the app, together with your password.</p>
        <div className={dialogs.actions}>
          <CopyButton value={codes.join('\n')} label="Copy the codes" words />
          <Button variant="filled" onClick={onClose}>
            I have kept them
          </Button>
        </div>
      </div>
    </Modal>
  );
}
