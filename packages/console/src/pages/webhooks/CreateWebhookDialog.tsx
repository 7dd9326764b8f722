import { createWebhook } from '@estover/protocol';
import { Button, Modal, Radio } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { draftMissing, markedFields, type WebhookDraft, WebhookFields } from './WebhookFields.tsx';
import styles from './webhooks.module.css';

const empty: WebhookDraft = {
  description: '',
  url: '',
  scope: { kind: 'account' },
  operations: [],
  objectKinds: [],
};

/** Makes a webhook, and shows its secret once or its public key. */
export function CreateWebhookDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const create = useAction(createWebhook);
  const [draft, setDraft] = useState(empty);
  const [signing, setSigning] = useState<'ed25519' | 'hmac'>('ed25519');
  const { description, url, scope, operations, objectKinds } = draft;
  const input = {
    params: { accountId },
    body: {
      description: description.trim(),
      url: url.trim(),
      scope,
      events: { operations, objectKinds },
      signing,
    },
  };
  if (create.data !== undefined) {
    const { secret, webhook } = create.data;
    return secret === null ? (
      <PublicKey
        title={`${webhook.description} is made`}
        publicKey={webhook.publicKey ?? ''}
        onClose={onClose}
      />
    ) : (
      <WebhookSecret title={`${webhook.description} is made`} secret={secret} onClose={onClose} />
    );
  }
  return (
    <FormDialog
      title="New webhook"
      act="Make the webhook"
      blocked={draftMissing(draft)}
      acting={create.isPending}
      error={create.error}
      marked={markedFields}
      onClose={onClose}
      onAct={() => create.mutate(input)}
      apiCall={<ApiCall operation={createWebhook} input={input} />}
    >
      <WebhookFields value={draft} onChange={setDraft} error={create.error} />
      <Radio.Group
        label="How the receiver knows that it is us"
        value={signing}
        onChange={(value) => setSigning(value === 'hmac' ? 'hmac' : 'ed25519')}
      >
        <div className={styles.choices}>
          <Radio
            value="ed25519"
            label="By a key (ed25519)"
            description="The receiver gets the public key and can forge nothing with it."
          />
          <Radio
            value="hmac"
            label="By a secret (HMAC)"
            description="For receivers that know nothing else. It is shown once."
          />
        </div>
      </Radio.Group>
    </FormDialog>
  );
}

/** A secret that signs, the one time it can be seen. */
export function WebhookSecret(props: { title: string; secret: string; onClose: () => void }) {
  return (
    <SecretOnce {...props} what="secret">
      <p>Give it to the receiver, which checks the header webhook-signature with it (Standard Webhooks).</p>
    </SecretOnce>
  );
}

/** A public key, which can be seen again at any time. */
export function PublicKey(props: { title: string; publicKey: string; onClose: () => void }) {
  const { title, publicKey, onClose } = props;
  useFocusReturn();
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <div className={dialogs.body}>
        <p>
          Give the receiver this key, which checks the header webhook-signature with it (Standard Webhooks).
        </p>
        <div className={dialogs.secret}>
          <code>{publicKey}</code>
          <CopyButton value={publicKey} label="Copy public key" words />
        </div>
        <div className={dialogs.actions}>
          <Button variant="filled" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Modal>
  );
}
