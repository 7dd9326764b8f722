import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from './CopyButton.tsx';
import styles from './dialogs.module.css';
import { useFocusReturn } from './focus-return.ts';

interface SecretOnceProps {
  title: string;
  /** What the secret is: "registration token", "invitation link". */
  what: string;
  secret: string;
  onClose: () => void;
  /** What to do with it next. */
  children?: ReactNode;
}

/** Shows a secret the one time it can be seen. Closes only by its button, so that a stray click does not lose it. */
export function SecretOnce({ title, what, secret, onClose, children }: SecretOnceProps) {
  useFocusReturn();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={styles.body}>
        <div className={styles.warning}>
          <b>This {what} is shown once.</b> Keep it somewhere safe before you close this: only its hash is
          stored.
        </div>
        <div className={styles.secret}>
          <code>{secret}</code>
          <CopyButton value={secret} label={`Copy ${what}`} words />
        </div>
        {children}
        <div className={styles.actions}>
          <Button variant="filled" onClick={onClose}>
            I have kept it
          </Button>
        </div>
      </div>
    </Modal>
  );
}
