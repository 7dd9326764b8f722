import { isOtherHost } from '@estover/domain/webhooks';
import { deleteWebhook, replayFailedDeliveries, rotateWebhookSecret, updateWebhook } from '@estover/protocol';
import { Checkbox, Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { paths } from '../../paths.ts';
import { PublicKey, WebhookSecret } from './CreateWebhookDialog.tsx';
import { draftMissing, markedFields, type WebhookDraft, WebhookFields } from './WebhookFields.tsx';
import type { Webhook } from './webhook-words.ts';

interface DialogProps {
  webhook: Webhook;
  onClose: () => void;
}

const useParamsOf = ({ webhookId }: Webhook) => ({ accountId: useAccount().accountId, webhookId });

const changesHost = (before: string, after: string): boolean =>
  URL.canParse(after) && isOtherHost(before, after);

/** Changes what is sent and where. Another host needs another secret. */
export function EditWebhookDialog({ webhook, onClose }: DialogProps) {
  const params = useParamsOf(webhook);
  const update = useAction(updateWebhook);
  const [draft, setDraft] = useState<WebhookDraft>({
    description: webhook.description,
    url: webhook.url,
    scope: webhook.scope,
    ...webhook.events,
  });
  const url = draft.url.trim();
  const newSecret = webhook.signing === 'hmac' && changesHost(webhook.url, url);
  const input = {
    params,
    body: {
      description: draft.description.trim(),
      url,
      scope: draft.scope,
      events: { operations: draft.operations, objectKinds: draft.objectKinds },
      ...(newSecret ? { newSecret } : {}),
    },
  };
  const secret = update.data?.secret;
  if (typeof secret === 'string')
    return <WebhookSecret title={`New secret of ${webhook.description}`} secret={secret} onClose={onClose} />;
  return (
    <FormDialog
      title={`Change ${webhook.description}`}
      act={newSecret ? 'Save, with a new secret' : 'Save'}
      blocked={draftMissing(draft)}
      acting={update.isPending}
      error={update.error}
      marked={markedFields}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: ({ secret: made }) => {
            if (made !== null) return;
            notifyDone(`${draft.description.trim()} is changed.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={updateWebhook} input={input} />}
    >
      <WebhookFields value={draft} onChange={setDraft} error={update.error} />
      {newSecret && (
        <p>This is another host. It gets a secret of its own, because the one before knows the old one.</p>
      )}
    </FormDialog>
  );
}

const overlaps = [
  { value: '0', label: 'Not at all: it ends now' },
  { value: '1', label: 'For one hour' },
  { value: '24', label: 'For one day' },
  { value: '168', label: 'For seven days' },
];

/** Makes a new secret or key, and says how long the one before signs as well. */
export function RotateWebhookDialog({ webhook, onClose }: DialogProps) {
  const params = useParamsOf(webhook);
  const rotate = useAction(rotateWebhookSecret);
  const [overlapHours, setOverlapHours] = useState('24');
  const what = webhook.signing === 'hmac' ? 'secret' : 'key';
  const input = { params, body: { overlapHours: Number(overlapHours) } };
  if (rotate.data !== undefined) {
    const title = `New ${what} of ${webhook.description}`;
    const { secret } = rotate.data;
    return secret === null ? (
      <PublicKey title={title} publicKey={rotate.data.webhook.publicKey ?? ''} onClose={onClose} />
    ) : (
      <WebhookSecret title={title} secret={secret} onClose={onClose} />
    );
  }
  return (
    <FormDialog
      title={`Rotate ${webhook.description}`}
      act={`Make a new ${what}`}
      acting={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onAct={() => rotate.mutate(input)}
      apiCall={<ApiCall operation={rotateWebhookSecret} input={input} />}
    >
      <Select
        label={`The ${what} of now signs as well`}
        description="Each delivery has two signatures then, so that the receiver changes over without a gap."
        data={overlaps}
        value={overlapHours}
        allowDeselect={false}
        onChange={(value) => setOverlapHours(value ?? '24')}
      />
    </FormDialog>
  );
}

/** Switches it off, or on with or without what it missed. */
export function SwitchWebhookDialog({ webhook, onClose }: DialogProps) {
  const params = useParamsOf(webhook);
  const update = useAction(updateWebhook);
  const [isMissedSent, setMissedSent] = useState(true);
  const isOn = webhook.state === 'on';
  const body = isOn
    ? { state: 'off' as const }
    : { state: 'on' as const, missed: isMissedSent ? ('send' as const) : ('skip' as const) };
  const input = { params, body };
  return (
    <ConfirmDialog
      title={`Switch ${webhook.description} ${isOn ? 'off' : 'on'}`}
      act={isOn ? 'Switch off' : 'Switch on'}
      acting={update.isPending}
      error={update.error}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone(`${webhook.description} is ${isOn ? 'off' : 'on'}.`);
            onClose();
          },
        })
      }
      call={{ operation: updateWebhook, input }}
    >
      {isOn ? (
        <p>Nothing is sent until it is switched on again. What happens meanwhile can be sent then.</p>
      ) : (
        <>
          <p>You answer for it from now on: it ends with your right to manage the account’s settings.</p>
          <Checkbox
            label="Send what happened meanwhile"
            description="Of the last 30 days at most. What waits already is sent in any case."
            checked={isMissedSent}
            onChange={(event) => setMissedSent(event.currentTarget.checked)}
          />
        </>
      )}
    </ConfirmDialog>
  );
}

/** Sends again what failed of what happened since a day. */
export function ReplayFailedDialog({ webhook, onClose }: DialogProps) {
  const params = useParamsOf(webhook);
  const replay = useAction(replayFailedDeliveries);
  const [day, setDay] = useState(() => new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10));
  const input = { params, body: { since: `${day}T00:00:00Z` } };
  return (
    <FormDialog
      title={`Send failed deliveries of ${webhook.description} again`}
      act="Send again"
      blocked={day === '' ? 'Choose a day.' : null}
      acting={replay.isPending}
      error={replay.error}
      onClose={onClose}
      onAct={() =>
        replay.mutate(input, {
          onSuccess: ({ replayed }) => {
            notifyDone(`${count(replayed, 'delivery', 'deliveries')} sent again.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={replayFailedDeliveries} input={input} />}
    >
      <p>Each is sent under its own id again, so that a receiver leaves out what it had.</p>
      <TextInput
        label="Of what happened since (UTC)"
        type="date"
        value={day}
        onChange={(event) => setDay(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}

/** Deletes it with its deliveries. */
export function DeleteWebhookDialog({ webhook, onClose }: DialogProps) {
  const params = useParamsOf(webhook);
  const navigate = useNavigate();
  const remove = useAction(deleteWebhook);
  const input = { params };
  const { waiting } = webhook.deliveries;
  return (
    <ConfirmDialog
      title={`Delete ${webhook.description}`}
      act={`Delete ${webhook.description}`}
      typeName={webhook.description}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`${webhook.description} is deleted.`);
            const { to, params: place } = paths.webhooks(params.accountId);
            void navigate({ to, params: place ?? {}, search: {} });
          },
        })
      }
      call={{ operation: deleteWebhook, input }}
    >
      <p>
        Nothing is sent to it any more
        {waiting === 0 ? '' : `, also not the ${count(waiting, 'delivery', 'deliveries')} that wait`}. What
        was sent and answered is forgotten.
      </p>
    </ConfirmDialog>
  );
}
